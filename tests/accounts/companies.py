"""Companies that the tests of the matcher share: alike, and not the same."""

from __future__ import annotations

from accounts.matching import Candidate

ALIKE = [
    Candidate(1, "Delta Air Lines, Inc.", ("delta.com",), (), "United States", "Atlanta"),
    Candidate(2, "American Airlines Group Inc.", ("aa.com",), (), "United States"),
    Candidate(3, "First Bancorp", ("firstbankpr.com",), (), "Puerto Rico", "San Juan"),
    Candidate(4, "First Bancorp, Inc.", ("localfirstbank.com",), (), "United States", "Raleigh"),
    Candidate(5, "Exxon Mobil Corporation", ("exxonmobil.com",), (), "United States"),
    Candidate(6, "The Charles Schwab Corporation", ("schwab.com",), (), "United States"),
    Candidate(7, "3M Company", ("3m.com",), (), "United States"),
    Candidate(8, "HP Inc.", ("hp.com",), (), "United States"),
    Candidate(9, "Apollo Fund I", (), (), "United States"),
    Candidate(10, "7-Eleven, Inc.", ("7-eleven.com",), (), "United States"),
    Candidate(11, "Kohl's Corporation", ("kohls.com",), (), "United States"),
    Candidate(12, "L'Oréal S.A.", ("loreal.com",), (), "France"),
    Candidate(13, "Siemens AG", ("siemens.com",), (), "Germany", "Munich"),
    Candidate(19, "Coop Genossenschaft", ("coop.ch",), (), "Switzerland"),
    Candidate(20, "Bank of Ireland Group plc", ("bankofireland.com",), (), "Ireland"),
    Candidate(21, "PT Astra International Tbk", ("astra.co.id",), (), "Indonesia"),
]
