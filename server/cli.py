"""The `pencilsdown` command.

Each command imports what it needs when it is called: `--help` must not wait for a server's modules.
"""

import sys
from importlib.metadata import version as version_of

import typer

from server.commands.api_keys import api_keys
from server.commands.archives import prune, restore_logs
from server.commands.attempts import attempts
from server.commands.database import backup, migrate_database, restore
from server.commands.deliveries import deliveries
from server.commands.exporting import export_test
from server.commands.importing import import_test
from server.commands.keeping import retention
from server.commands.log import verify_logs
from server.commands.looking import check_config, doctor
from server.commands.mail import mail
from server.commands.oneroster import oneroster
from server.commands.options import AsJson
from server.commands.papers import compare_papers
from server.commands.people import erase, export
from server.commands.printing import tell
from server.commands.rosters import roster
from server.commands.serving import demo, serve
from server.commands.stored_tests import tests
from server.commands.subscriptions import subscriptions
from server.commands.tests import check_schedule_of_test, lint_test
from server.commands.tokens import token
from server.commands.trying import try_test
from server.commands.users import users

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    # Plain help: importing rich takes longer than everything else that the help needs.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Timed tests and exams, in real time.",
)


def version(as_json: AsJson = False) -> None:
    """Print the version."""
    number = version_of("pencilsdown")
    tell({"version": number}, number, as_json=as_json, is_result=True)


app.command()(serve)
app.command()(demo)
app.command("migrate")(migrate_database)
app.command()(backup)
app.command()(restore)
app.command("check-config")(check_config)
app.command()(doctor)
app.command()(token)
app.add_typer(api_keys, name="api-keys")
app.add_typer(mail, name="mail")
app.add_typer(tests, name="tests")
app.add_typer(attempts, name="attempts")
app.add_typer(users, name="users")
app.add_typer(subscriptions, name="subscriptions")
app.add_typer(deliveries, name="deliveries")
app.add_typer(retention, name="retention")
app.command("import")(import_test)
app.command("export-test")(export_test)
app.command("try")(try_test)
app.command()(erase)
app.command()(roster)
app.command()(oneroster)
app.command("check-schedule")(check_schedule_of_test)
app.command("lint")(lint_test)
app.command("papers")(compare_papers)
app.command()(export)
app.command("verify-log")(verify_logs)
app.command()(prune)
app.command("restore-logs")(restore_logs)
app.command()(version)


def main() -> None:
    """The entry point."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
