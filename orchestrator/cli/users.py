"""Commands about our own people: who they are, who is let in, who is away, who sees what."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli import project
from orchestrator.cli.output import (
    Json,
    ask_secret,
    clean,
    note,
    say,
    say_json,
    say_table,
    when,
)

if TYPE_CHECKING:
    from orchestrator.engine.staff.absences import Absence

DAY = ["%Y-%m-%d"]

users = typer.Typer(help="Our own people.", no_args_is_help=True)


@users.command("add")
def user_add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The short name, as dana.")],
    team: Annotated[
        str,
        typer.Option(
            metavar="TEAM", help="marketing, sales, customer, leader, ops, admin or agency."
        ),
    ],
    email: Annotated[str, typer.Option(metavar="ADDRESS", help="Where mail reaches them.")],
    role: Annotated[
        str, typer.Option(metavar="ROLE", help="The role on account teams: owner, sdr, exec …")
    ] = "",
    full_name: Annotated[str, typer.Option("--full-name", metavar="TEXT")] = "",
    title: Annotated[str, typer.Option(metavar="TEXT", help="The job title, for signatures.")] = "",
    zone: Annotated[str, typer.Option(metavar="ZONE", help="As Europe/Berlin.")] = "",
    country: Annotated[str, typer.Option(metavar="COUNTRY", help="For public holidays.")] = "",
    as_json: Json = False,
) -> None:
    """Add one of us."""
    from orchestrator.engine.staff.users import add

    with project.recorded("user add", f"user {name}", f"team={team}") as app:
        made = add(
            app.ctx, name, team, email, full_name=full_name, role=role, title=title,
            zone=zone, country=country,
        )  # fmt: skip
    if as_json:
        say_json(made)
    else:
        say(f"{made.name} works in {made.team}" + f" as {made.role}" * bool(made.role))


@users.command("list")
def user_list(as_json: Json = False) -> None:
    """Show all of us, by team and name."""
    from orchestrator.engine.staff.users import everybody

    with project.opened() as app:
        found = everybody(app.ctx)
    if as_json:
        say_json(found)
        return
    say_table(
        ["name", "team", "role", "full name", "email", "zone", "country", ""],
        [
            [one.name, one.team, one.role, one.full_name, one.email, one.zone, one.country,
             "" if one.active else "not active"]
            for one in found
        ],
        none="nobody yet: `abm user add NAME --team sales --email ADDRESS`",
    )  # fmt: skip


@users.command("away")
def user_away(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who; nobody: show all.")] = "",
    first: Annotated[
        datetime | None, typer.Argument(metavar="FROM", formats=DAY, help="As 2027-03-01.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Argument(metavar="TO", formats=DAY, help="The last day; or FROM.")
    ] = None,
    cover: Annotated[
        str, typer.Option(metavar="NAME", help="Who stands in; else the team does.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Say when a user is away, and who stands in; without a name, show who is or will be."""
    from orchestrator.engine.staff import absences

    if name and not first:
        raise typer.BadParameter("say the first day away, as 2027-03-01")
    if not first:
        with project.opened() as app:
            _say_absences(absences.coming(app.ctx), as_json)
        return
    with project.recorded("user away", f"user {name}", f"from={first.date()}") as app:
        made = absences.add(app.ctx, name, first.date(), (last or first).date(), cover)
    if as_json:
        say_json(made)
    else:
        whom = made.cover or "the team"
        say(f"{made.name} is away from {made.first} to {made.last}; {whom} stands in")


def _say_absences(found: list[Absence], as_json: bool) -> None:
    if as_json:
        say_json(found)
        return
    say_table(
        ["name", "first day", "last day", "stands in"],
        [[one.name, one.first, one.last, one.cover or "the team"] for one in found],
        none="nobody is away: `abm user away NAME FROM TO --cover NAME`",
    )


@users.command("back")
def user_back(name: Annotated[str, typer.Argument(metavar="NAME", help="Who.")]) -> None:
    """Say that a user is here again, from now on; what was to come is taken back."""
    from orchestrator.engine.staff.absences import back

    with project.recorded("user back", f"user {name}") as app:
        ended = back(app.ctx, name)
    say(f"{clean(name)} is here" + ("" if ended else "; nothing else was known"))


@users.command("password")
def user_password(name: Annotated[str, typer.Argument(metavar="NAME", help="Whose.")]) -> None:
    """Set a user's password for the pages; asked twice, or read from standard input."""
    from orchestrator.engine.staff.access import set_password

    with project.recorded("user password", f"user {name}") as app:
        set_password(app.ctx, name, ask_secret(f"new password of {name}"))
    say(f"{clean(name)} can sign in with it; whoever was signed in as {clean(name)} no longer is")


@users.command("link")
def user_link(name: Annotated[str, typer.Argument(metavar="NAME", help="Whose.")]) -> None:
    """Print a link that signs a user in, once, within a quarter of an hour."""
    from orchestrator.address import address
    from orchestrator.engine.staff.access import link

    with project.recorded("user link", f"user {name}") as app:
        say(f"{address(app.ctx.settings)}/sign-in/{link(app.ctx, name)}")


@users.command("first")
def user_first() -> None:
    """Print a token with which the first of us comes in as admin, on the page, within an hour."""
    from orchestrator.address import address
    from orchestrator.engine.staff.first import offer

    with project.recorded("user first", "") as app:
        token = offer(app.ctx)
        note(f"on {address(app.ctx.settings)}/setup, once, within an hour:")
    say(token)


@users.command("change")
def user_change(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whom.")],
    email: Annotated[str, typer.Option(metavar="ADDRESS", help="Where mail reaches them.")] = "",
    role: Annotated[str, typer.Option(metavar="ROLE", help="The role on account teams.")] = "",
    full_name: Annotated[str, typer.Option("--full-name", metavar="TEXT")] = "",
    title: Annotated[str, typer.Option(metavar="TEXT", help="The job title, for signatures.")] = "",
    zone: Annotated[str, typer.Option(metavar="ZONE", help="As Europe/Berlin.")] = "",
    country: Annotated[str, typer.Option(metavar="COUNTRY", help="For public holidays.")] = "",
) -> None:
    """Say something else of one of us; what is not said stays."""
    from orchestrator.engine.staff.users import change

    told = {"email": email, "role": role, "full_name": full_name, "title": title, "zone": zone,
            "country": country}  # fmt: skip
    said = {field: text for field, text in told.items() if text}
    with project.recorded("user change", f"user {name}", " ".join(said)) as app:
        made = change(app.ctx, name, said)
    say(
        f"{made.full_name or made.name} works in {made.team}" + f" as {made.role}" * bool(made.role)
    )


@users.command("team")
def user_team(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose.")],
    team: Annotated[str, typer.Argument(metavar="TEAM", help="As `abm user add` takes it.")],
) -> None:
    """Put a user into another team; the rights are that team's from then on."""
    from orchestrator.engine.staff.access import move

    with project.recorded("user team", f"user {name}", f"team={team}") as app:
        move(app.ctx, name, team)
    say(f"{clean(name)} works in {clean(team)}, and has to sign in again")


@users.command("leave")
def user_leave(name: Annotated[str, typer.Argument(metavar="NAME", help="Who.")]) -> None:
    """Let a user in no more: sessions, links, tokens and feeds end at once."""
    from orchestrator.engine.staff.access import set_active

    with project.recorded("user leave", f"user {name}") as app:
        set_active(app.ctx, name, False)
    say(f"{clean(name)} is let in no more; what lies on the desk waits there: abm tasks give")


@users.command("rejoin")
def user_rejoin(name: Annotated[str, typer.Argument(metavar="NAME", help="Who.")]) -> None:
    """Let a user in again who had left."""
    from orchestrator.engine.staff.access import set_active

    with project.recorded("user rejoin", f"user {name}") as app:
        set_active(app.ctx, name, True)
    say(f"{clean(name)} may sign in again")


@users.command("sessions")
def user_sessions(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose.")],
    end: Annotated[bool, typer.Option("--end", help="End them all.")] = False,
    as_json: Json = False,
) -> None:
    """Show at which browsers a user is signed in, or end it there."""
    from orchestrator.engine.staff import access

    if end:
        with project.recorded("user sessions", f"user {name}", "end") as app:
            access.end_all(app.ctx, name)
        say(f"{clean(name)} is signed in nowhere any more")
        return
    with project.opened() as app:
        found = access.sessions(app.ctx, app.user(name))
        zone = app.ctx.settings.workspace.zone
    rows = [(one.started_at, one.seen_at, one.browser) for one in found]
    if as_json:
        say_json([dict(zip(("since", "seen", "browser"), row, strict=True)) for row in rows])
        return
    say_table(
        [f"since ({zone})", "last seen", "browser"],
        [[when(since, zone, zone_name=False), when(seen, zone, zone_name=False), browser]
         for since, seen, browser in rows],
        none=f"{clean(name)} is signed in nowhere",
    )  # fmt: skip


@users.command("identity")
def user_identity(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose.")],
    subject: Annotated[
        str, typer.Option(metavar="TEXT", help="What the OpenID provider knows them by.")
    ] = "",
    forget: Annotated[bool, typer.Option("--forget", help="Part them from the provider.")] = False,
) -> None:
    """Say whom the OpenID provider knows a user as, where it verifies no address; or forget it."""
    from orchestrator.engine.staff.vouching import link_by_hand, unlink

    if bool(subject) is forget:
        raise typer.BadParameter("say --subject TEXT, or --forget")
    with project.recorded("user identity", f"user {name}", f"forget={forget}") as app:
        if subject:
            link_by_hand(app.ctx, name, subject)
        else:
            unlink(app.ctx, name)
    say(f"{clean(name)} is {'unknown to' if forget else 'known by'} the provider")


@users.command("share")
def user_share(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whom, of an agency.")],
    account: Annotated[
        list[str] | None, typer.Option(metavar="ACCOUNT", help="A name, domain or id.")
    ] = None,
    playbook: Annotated[list[str] | None, typer.Option(metavar="PLAYBOOK")] = None,
    addresses: Annotated[
        bool, typer.Option("--addresses", help="Accounts with how their people are reached.")
    ] = False,
) -> None:
    """Let somebody of an agency look at accounts and playbooks; they see no others."""
    from orchestrator.engine.companies.sharing import share

    accounts, playbooks = account or [], playbook or []
    if not accounts and not playbooks:
        raise typer.BadParameter("say --account ACCOUNT or --playbook PLAYBOOK")
    what = ", ".join([*accounts, *playbooks]) + ", with addresses" * addresses
    with project.recorded("user share", f"user {name}", what[:500]) as app:
        done = share(app.ctx, name, accounts=accounts, playbooks=playbooks, addresses=addresses)
    say(f"{clean(name)} may look at {clean(', '.join(done))}")


@users.command("shares")
def user_shares(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose.")], as_json: Json = False
) -> None:
    """Show what somebody of an agency may look at."""
    from orchestrator.engine.companies.sharing import shared

    with project.opened() as app:
        found, zone = shared(app.ctx, name), app.ctx.settings.workspace.zone
    if as_json:
        say_json(found)
        return
    say_table(
        ["id", "kind", "name", "addresses", "since"],
        [
            [one.id, "playbook" if one.playbook else "account", one.playbook or one.account,
             "yes" if one.addresses else "", when(one.at, zone)]
            for one in found
        ],
        none="nothing: `abm user share NAME --account ACCOUNT`",
    )  # fmt: skip


@users.command("unshare")
def user_unshare(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whom.")],
    share: Annotated[int, typer.Argument(metavar="ID", help="As `abm user shares` shows it.")],
) -> None:
    """Take an account or a playbook away from somebody of an agency."""
    from orchestrator.engine.companies.sharing import unshare

    with project.recorded("user unshare", f"user {name}", f"share {share}") as app:
        unshare(app.ctx, name, share)
    say(f"{clean(name)} may look at it no more")
