"""What the matcher is taught beside real queries: other spellings and cities, made-up institutions.

Everything comes from one random generator that is handed in: the same seed teaches the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from accounts.company_names import name_key
from accounts.matching.keys import keys_of, stem
from accounts.matching.values import Candidate, Record
from accounts.names_data import ABBREVIATIONS, STOP_WORDS
from accounts.translations import foreign_forms

# How often a city is given, and how often it is another one than the account's.
CITY, OTHER_CITY = 0.3, 0.25


@dataclass
class Question:
    """A record, the id of its account (-1: none) and what groups it for the folds."""

    record: Record
    truth: int
    group: str
    without: tuple[int, ...] = ()


class Spelling:
    """Makes other spellings of a name, and names that look alike and mean somebody else."""

    def __init__(self, names: Sequence[str], rng: np.random.Generator) -> None:
        self.rng = rng
        self.rare = [w for name in names for w in name.split() if len(w) > 4 and w.isalpha()]
        self.foreign = foreign_forms()
        self.short: dict[str, list[str]] = {}
        for short, word in ABBREVIATIONS.items():
            self.short.setdefault(word, []).append(short)
        self.kinds: list[Callable[[list[str]], list[str]]] = [
            self.drop_last, self.drop_one, self.cut, self.cut, self.misspell, self.misspell,
            self.misspell_twice, self.abbreviate, self.abbreviate, self.translate, self.join,
            self.slip_anywhere, self.slip_anywhere, self.turn, self.initials, self.truncate,
            self.no_vowels, self.keep,
        ]  # fmt: skip

    def pick(self, many: Sequence) -> object:
        return many[int(self.rng.integers(len(many)))]

    def other(self, name: str) -> str:
        words = name.split()
        for _ in range(1 + (self.rng.random() < 0.4)):
            words = self.pick(self.kinds)(words) or words
        return " ".join(words)

    def stranger(self, name: str) -> str:
        """The name with its most telling word(s) replaced: somebody else's."""
        words = name.split()
        if self.rng.random() < 0.1:
            return f"{name} {self.pick(('II', 'III', '2', '3', 'IV'))}"
        tokens = name_key(name).tokens
        places = [n for n, w in enumerate(words) if name_key(w).core in tokens] or [0]
        if len(places) > 1 and self.rng.random() < 0.75:
            places = places[1:]
        words[self.pick(places)] = self.pick(self.rare)
        return " ".join(words)

    def keep(self, words: list[str]) -> list[str]:
        return words

    def drop_last(self, words: list[str]) -> list[str]:
        return words[:-1]

    def drop_one(self, words: list[str]) -> list[str]:
        at = int(self.rng.integers(len(words)))
        return words[:at] + words[at + 1 :] if len(words) > 2 else words

    def _change(self, words: list[str], least: int, change: Callable[[str], str]) -> list[str]:
        places = [n for n, word in enumerate(words) if len(word) >= least]
        if not places:
            return words
        at = self.pick(places)
        return [*words[:at], change(words[at]), *words[at + 1 :]]

    def cut(self, words: list[str]) -> list[str]:
        return self._change(words, 5, lambda w: w[: int(self.rng.integers(3, len(w)))] + ".")

    def no_vowels(self, words: list[str]) -> list[str]:
        return self._change(
            words, 6, lambda w: w[0] + "".join(c for c in w[1:] if c not in "aeiou")
        )

    def misspell(self, words: list[str]) -> list[str]:
        return self._change(words, 4, self._slip)

    def misspell_twice(self, words: list[str]) -> list[str]:
        return self.misspell(self.misspell(words))

    def _slip(self, word: str) -> str:
        at = int(self.rng.integers(len(word) - 1))
        letter = "abcdefghijklmnopqrstuvwxyz"[int(self.rng.integers(26))]
        kind = int(self.rng.integers(4))
        if kind == 0:
            return word[:at] + word[at + 1 :]
        if kind == 1:
            return word[:at] + letter + word[at:]
        if kind == 2:
            return word[:at] + letter + word[at + 1 :]
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    def abbreviate(self, words: list[str]) -> list[str]:
        places = [n for n, word in enumerate(words) if word.lower() in self.short]
        if not places:
            return self.cut(words)
        at = self.pick(places)
        return [*words[:at], self.pick(self.short[words[at].lower()]), *words[at + 1 :]]

    def translate(self, words: list[str]) -> list[str]:
        return [
            self.pick(self.foreign[w.lower()]) if w.lower() in self.foreign else w for w in words
        ]

    def slip_anywhere(self, words: list[str]) -> list[str]:
        """One or two slips, at a space, a comma or in a legal form as well as in a word."""
        name = " ".join(words)
        for _ in range(1 + (self.rng.random() < 0.5)):
            name = self._slip(name) if len(name) > 3 else name
        return name.split()

    def join(self, words: list[str]) -> list[str]:
        return [words[0] + words[1], *words[2:]] if len(words) > 1 else words

    def turn(self, words: list[str]) -> list[str]:
        key = name_key(" ".join(words)).tokens
        return [*words[1:2], words[0], *words[2:]] if len(key) > 1 else words

    def truncate(self, words: list[str]) -> list[str]:
        return " ".join(words)[: int(self.rng.integers(12, 24))].split()

    def initials(self, words: list[str]) -> list[str]:
        keys = keys_of(" ".join(words))
        found = keys[0].initials if keys else ()
        return [self.pick(found)] if found else words


class Cities:
    """Where else a company may be said to sit: at a branch, a plant, its registered office."""

    def __init__(self, accounts: Sequence[Candidate], rng: np.random.Generator) -> None:
        self.rng = rng
        self.of: dict[str, list[str]] = {}
        for one in accounts:
            if one.city:
                self.of.setdefault(one.country, []).append(one.city)

    def said(self, one: Candidate, share: float = 1.0) -> str:
        """In this share of records its city, or another one of its country."""
        if self.rng.random() > share:
            return ""
        others = self.of.get(one.country)
        if not others or (one.city and self.rng.random() > OTHER_CITY):
            return one.city
        return others[int(self.rng.integers(len(others)))]


def moved(
    questions: Sequence[Question], accounts: Sequence[Candidate], rng: np.random.Generator
) -> list[Question]:
    """The questions, each with a city of its country: its account's, or another one."""
    cities, found = Cities(accounts, rng), []
    for one in questions:
        nobody = Candidate(-1, "", country=one.record.country)
        city = cities.said(accounts[one.truth] if one.truth >= 0 else nobody)
        found.append(replace(one, record=one.record._replace(city=city)))
    return found


def made_up(
    accounts: Sequence[Candidate], rng: np.random.Generator, size: int, spelling: Spelling
) -> list[Question]:
    """Records of known accounts under other spellings; half of them are nobody's."""
    questions = []
    own_stem = Counter(stem(domain) for one in accounts for domain in one.domains)
    cities = Cities(accounts, rng)
    for _ in range(size):
        one = accounts[int(rng.integers(len(accounts)))]
        kind, own = rng.random(), one.domains and rng.random() < 0.25
        country = one.country if rng.random() < 0.6 else ""
        city = cities.said(one, CITY)
        website = one.domains[0] if own else ""
        name, truth, without = spelling.other(one.name), one.id, ()
        if one.domains and own_stem[stem(one.domains[0])] == 1 and rng.random() < 0.05:
            name, website = stem(one.domains[0]), ""
        if kind < 0.25:
            truth, without = -1, (one.id,)
        elif kind < 0.5:
            # Somebody else of a like name is often in the same city: most sit in large ones.
            name, truth, website = spelling.stranger(one.name), -1, ""
        elif rng.random() < 0.03:
            country = "Germany" if country and country != "Germany" else country
        questions.append(
            Question(Record(name, website, "", country, city), truth, f"a{one.id}", without)
        )
    return questions


# The same body in other words and languages, the English ones first; {} is a place or a person.
_BODIES = tuple(
    tuple(form.strip() for form in line.split("|"))
    for line in """
    University of {}|{} University|Universität {}|Université de {}|Universidad de {}|
    Universiteit {}|Università di {}|Universidade de {}|Uniwersytet {}|{} Üniversitesi|
    Universitas {}|Universitet {}
    {} State University|State University of {}|Universidade Estadual de {}|
    Universitas Negeri {}|Universidad Estatal de {}|{} gosudarstvennyy universitet
    National University of {}|{} National University|Universidad Nacional de {}|
    Université nationale de {}
    Technical University of {}|{} University of Technology|Technische Universität {}|
    Politechnika {}|Universidad Técnica de {}|Université de Technologie de {}
    {} Institute of Technology|Instituto Tecnológico de {}|Institut de Technologie de {}
    {} University of Applied Sciences|Fachhochschule {}|Hochschule {}|Hogeschool {}|
    Haute école de {}
    {} University of Education|{} Pedagogical University|Pädagogische Hochschule {}|
    Universidad Pedagógica de {}
    {} Medical University|University of Medicine {}|Medizinische Universität {}|
    Universidad de Ciencias Médicas de {}|Uniwersytet Medyczny w {}
    {} Medical College|College of Medicine {}
    {} University of Economics|Wirtschaftsuniversität {}|Uniwersytet Ekonomiczny w {}|
    Université d'Économie de {}
    {} Agricultural University|University of Agriculture {}|Universidad Agraria de {}|
    Uniwersytet Rolniczy {}
    Catholic University of {}|{} Catholic University|Universidad Católica de {}|
    Université catholique de {}|Katholische Universität {}
    Autonomous University of {}|Universidad Autónoma de {}|Universitat Autònoma de {}
    Polytechnic University of {}|{} Polytechnic University|Politecnico di {}|
    Universidad Politécnica de {}|École polytechnique de {}
    {} University of the Arts|{} Academy of Arts|Kunsthochschule {}|Universität der Künste {}|
    Academia de Artes de {}
    {} Women's University
    {} City University
    Open University of {}|Universidad Abierta de {}
    {} College|College of {}
    {} Community College
    {} Business School|School of Business {}|École de commerce de {}
    University Hospital {}|{} University Hospital|Universitätsklinikum {}|
    Hôpital universitaire de {}|Hospital Universitario de {}|
    Centre Hospitalier Universitaire de {}
    {} Hospital|Hospital of {}|Krankenhaus {}|Hôpital de {}|Ospedale di {}|Ziekenhuis {}|
    Szpital {}|Hospital de {}
    {} General Hospital|Hospital General de {}
    {} Children's Hospital|Kinderkrankenhaus {}|Hospital de Niños de {}
    {} Academy of Sciences|Academy of Sciences of {}|Akademie der Wissenschaften {}|
    Académie des Sciences de {}|Academia de Ciencias de {}
    National Library of {}|Bibliothèque nationale de {}|Biblioteca Nacional de {}|
    Nationalbibliothek {}
    Museum of {}|{} Museum|Musée de {}|Museo de {}|Muzeum {}
    {} Art Museum|Museum of Art {}|Kunstmuseum {}|Museo de Arte de {}
    National Bank of {}|Banque nationale de {}|Banco Nacional de {}|Nationalbank {}
    {} Savings Bank|Sparkasse {}|Caja de Ahorros de {}
    Ministry of Energy of {}|Ministère de l'Énergie de {}|Ministerio de Energía de {}|
    Energieministerium {}
    Ministry of Health {}|Ministère de la Santé {}|Ministerio de Salud de {}|
    Gesundheitsministerium {}
    Institute of Physics {}|{} Institute of Physics|Institut für Physik {}|
    Institut de Physique de {}|Instituto de Física de {}
    Institute of Biology {}|Institut für Biologie {}|Institut de Biologie de {}|
    Instituto de Biología de {}
    {} Research Center|{} Centre for Research|Centre de recherche de {}|Forschungszentrum {}|
    Centro de Investigación de {}
    {} Cancer Center|Centro Oncológico de {}|Centre de lutte contre le cancer de {}
    {} Foundation|Foundation {}|Fundación {}|Stiftung {}|Fondation {}|Fondazione {}
    {} Observatory|Observatory of {}|Observatoire de {}|Observatorio de {}|Sternwarte {}
    {} Chamber of Commerce|Handelskammer {}|Chambre de commerce de {}|Cámara de Comercio de {}
    {} Society|Society of {}|Société de {}|Gesellschaft {}|Sociedad de {}
    Development Agency of {}|{} Development Agency|Agence de développement de {}|
    Agencia de Desarrollo de {}
    """.replace("|\n", "|")
    .strip()
    .splitlines()
)
_SIDES = ("North", "South", "East", "West", "Northern", "Southern", "Eastern", "Western", "Central")


# Found in many countries, so that the country has to tell.
_NAMESAKES = (
    "Saint Mary", "St. Thomas", "Saint Joseph", "San Martín", "Sacred Heart", "Santa Maria",
    "Soil Science", "Mathematics", "Oceanography", "Geology", "Agricultural Economics",
    "the Pacific", "the Nation", "León", "Córdoba", "Santiago", "Cambridge", "Newcastle", "York",
    "Science and Technology", "Public Health", "Economics and Finance", "Plant Protection",
)  # fmt: skip


class Institutions:
    """An invented list of institutions of real cities, whose names share most of their words.

    It is short, so that initials are as often those of one alone as in lists of real ones.
    """

    def __init__(self, accounts: Sequence[Candidate], rng: np.random.Generator) -> None:
        self.rng = rng
        self.spelling = Spelling([one.name for one in accounts], rng)
        often = Counter(self.spelling.rare)
        self.spelling.rare = [word for word in self.spelling.rare if often[word] < 3]
        cities = sorted({(one.city, one.country) for one in accounts if one.city and one.country})
        self.cities = [cities[at] for at in rng.permutation(len(cities))[:300]]
        self.forms: list[tuple[str, ...]] = []
        self.taken: set[tuple[str, str]] = set()
        self.list: list[Candidate] = []
        for city, country in self.cities:
            place = self._place(city)
            for at in rng.permutation(len(_BODIES))[: 1 + int(rng.integers(5))]:
                body = _BODIES[at]
                form = body[0] if rng.random() < 0.65 else self.spelling.pick(body)
                self.forms.append(tuple(one.format(place) for one in body))
                name = form.format(place)
                domains = self._domains(self.spelling.pick(self.forms[-1]), place, country)
                self.list.append(Candidate(len(self.list), name, domains, (), country, city))
                place = self._place(city) if rng.random() < 0.4 else place

    def _place(self, city: str) -> str:
        """A city, a part of it, or somebody whose name an institution bears."""
        chance = self.rng.random()
        if chance < 0.55:
            return city
        if chance < 0.7:
            return f"{self.spelling.pick(_SIDES)} {city}"
        if chance < 0.78:
            return self.spelling.pick(_NAMESAKES)
        person = self.spelling.pick(self.spelling.rare).title()
        return person if chance < 0.92 else f"{person} {city}"

    def _domains(self, name: str, place: str, country: str) -> tuple[str, ...]:
        """Most have one, of the beginnings of any of their names' words or of their place.

        No two of a country have the same.
        """
        chance = self.rng.random()
        if chance < 0.4:
            return ()
        begun = self.spelling.initials(name.split())[0]
        if chance > 0.95:
            begun = place
        elif chance > 0.65:
            words = [word for word in name_key(name).tokens if word not in STOP_WORDS]
            begun = "".join(word[: 1 + int(self.rng.integers(4))] for word in words)
        found = name_key(begun).core
        if not found or (found, country) in self.taken:
            return ()
        self.taken.add((found, country))
        return (f"{found}.org",)

    def questions(self, size: int) -> list[Question]:
        """Records of the list in other words and spellings; half of them are nobody's."""
        return [self._question(int(self.rng.integers(len(self.list)))) for _ in range(size)]

    def _question(self, at: int) -> Question:
        one, rng = self.list[at], self.rng
        name = self._said(at)
        country = one.country if rng.random() < 0.6 else ""
        city = one.city if rng.random() < 0.2 else ""
        kind = rng.random()
        if kind < 0.35:
            return Question(Record(name, "", "", country, city), -1, f"i{at}", (at,))
        if kind < 0.5:
            return Question(Record(self._stranger(name), "", "", country, city), -1, f"i{at}")
        return Question(Record(name, "", "", country, city), at, f"i{at}")

    def _said(self, at: int) -> str:
        one, rng, forms = self.list[at], self.rng, self.forms[at]
        name = self.spelling.pick(forms) if rng.random() < 0.5 else one.name
        kind = rng.random()
        if kind < 0.1 and one.domains:
            return stem(one.domains[0])
        if kind < 0.2:
            return self.spelling.initials(name.split())[0]
        if kind < 0.25:
            return f"{name} ({self.spelling.initials(name.split())[0]})"
        if kind < 0.35:
            return " ".join(self.spelling.translate(name.split()))
        return self.spelling.other(name) if kind < 0.65 else name

    def _stranger(self, name: str) -> str:
        if self.rng.random() < 0.3:
            return f"{self.spelling.pick(_SIDES)} {name}"
        return self.spelling.stranger(name)


def thinned(accounts: Sequence[Candidate], rng: np.random.Generator, size: int) -> list[Candidate]:
    """A shorter list, as others keep them: half of the domains, countries and cities are empty."""
    kept = []
    for at in sorted(rng.permutation(len(accounts))[:size]):
        one = accounts[at]
        kept.append(
            Candidate(
                one.id,
                one.name,
                one.domains if rng.random() < 0.5 else (),
                (),
                one.country if rng.random() < 0.7 else "",
                one.city if rng.random() < 0.5 else "",
            )
        )
    return kept
