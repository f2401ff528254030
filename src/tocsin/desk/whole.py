"""Saying whether the ledger is whole: every fact has its judgement, and every count equals a recount."""

from sqlalchemy import Connection, func, select, text

from tocsin.campaigns.tables import campaign
from tocsin.desk import store
from tocsin.desk.tables import report, report_key, verdict
from tocsin.statistics.recount import differences
from tocsin.storage.engine import Storage
from tocsin.storage.schema import HEAD, revision


def faults(storage: Storage) -> list[str]:
    """Look for anything that can't be true of a whole ledger, on one snapshot of it.

    Returns:
        one sentence for each kind of fault; empty when the ledger is whole.
    """
    present = revision(storage)
    if present != HEAD:
        return [f"the schema is at {present}, this version needs {HEAD}"]
    with storage.reading() as connection:
        found = [*_damaged_pages(connection), *_orphans(connection), *_miscounted_campaigns(connection)]
        found += [
            f"cell differs from its recount: {one}"
            for one in differences(connection, store.counted(connection))
        ]
    return found


def _damaged_pages(connection: Connection) -> list[str]:
    if connection.dialect.name != "sqlite":
        return []
    answers = connection.execute(text("PRAGMA integrity_check")).scalars().all()
    return [f"SQLite: {answer}" for answer in answers if answer != "ok"]


def _orphans(connection: Connection) -> list[str]:
    queries = {
        "reports without a verdict": select(report.c.id)
        .outerjoin(verdict, verdict.c.report_id == report.c.id)
        .where(verdict.c.report_id.is_(None)),
        "reports without a campaign": select(report.c.id)
        .outerjoin(campaign, campaign.c.id == report.c.campaign_id)
        .where(campaign.c.id.is_(None)),
        "duplicate keys without a report": select(report_key.c.key)
        .outerjoin(report, report.c.id == report_key.c.report_id)
        .where(report.c.id.is_(None)),
    }
    counts = {
        name: connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
        for name, query in queries.items()
    }
    return [f"{count} {name}" for name, count in counts.items() if count]


def _miscounted_campaigns(connection: Connection) -> list[str]:
    members = (
        select(report.c.campaign_id, func.count().label("reports")).group_by(report.c.campaign_id).subquery()
    )
    query = (
        select(func.count())
        .select_from(campaign.outerjoin(members, members.c.campaign_id == campaign.c.id))
        .where(func.coalesce(members.c.reports, 0) != campaign.c.reports)
    )
    wrong = connection.execute(query).scalar_one()
    return [f"{wrong} campaigns whose count of reports differs from a recount"] if wrong else []
