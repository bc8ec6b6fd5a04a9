"""The ledger's work with SQLite in WAL mode, through Python's own module; the time goes into SQLite.

sqlite.py INVOICES.csv DATABASE COMPANY MONTHS WORD...
"""
import csv
import os
import sqlite3
import sys
import time

source, database, company, months, *words = sys.argv[1:]
BATCH = 5000
NAMES = "key owner day kind status seller seller_no seller_contact seller_bank buyer buyer_contact buyer_bank net tax gross remark drawer source risk lines".split()


def cpu():
    return time.process_time()


def rows(limit=None):
    with open(source, newline="", encoding="utf-8") as file:
        for number, row in enumerate(csv.reader(file)):
            if number == limit:
                return
            yield row


def fill(db, limit=None):
    sql = (
        f"INSERT INTO invoice VALUES ({','.join('?' * len(NAMES))}) "
        "ON CONFLICT(key) DO UPDATE SET status = excluded.status, remark = excluded.remark "
        "WHERE status <> excluded.status OR remark <> excluded.remark"
    )
    batch = []
    for row in rows(limit):
        batch.append(row)
        if len(batch) == BATCH:
            with db:
                db.executemany(sql, batch)
            batch = []
    with db:
        db.executemany(sql, batch)


def opened():
    db = sqlite3.connect(database)
    db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;")
    return db


# Reading the table is no part of the job: it is done once more, and taken off.
begun, wall = cpu(), time.monotonic()
count = sum(1 for _ in rows())
sum(1 for _ in rows(count // 5))
reading, reading_wall = cpu() - begun, time.monotonic() - wall

db = opened()
columns = ",".join(f"{name} TEXT" for name in NAMES)
db.executescript(f"CREATE TABLE invoice({columns}, PRIMARY KEY(key)); CREATE INDEX month ON invoice(owner, day);")
begun = cpu()
fill(db)
print("figure upsert", cpu() - begun - reading / 1.2, "s")
fill(db, count // 5)
db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
db.close()
print("figure disk", sum(os.path.getsize(database + end) for end in ("", "-wal") if os.path.exists(database + end)) / 2**20, "MiB")
begun = cpu()
db = opened()
db.execute("SELECT count(*) FROM invoice").fetchone()
db.execute("SELECT * FROM invoice ORDER BY day DESC LIMIT 30").fetchall()
print("figure first_row", cpu() - begun, "s")
counted = db.execute("SELECT count(*) FROM invoice").fetchone()[0]
begun, found = cpu(), 0
for month in range(1, int(months) + 1):
    span = (company, f"2023-{month:02}-01", f"2023-{month:02}-31")
    found += len(db.execute("SELECT * FROM invoice WHERE owner = ? AND day BETWEEN ? AND ? ORDER BY day", span).fetchall())
print("figure month", (cpu() - begun) * 1e3 / int(months), "ms")
begun, hits = cpu(), 0
fields = "key seller seller_no buyer owner remark gross net".split()
where = " OR ".join(f"{field} LIKE ?1" for field in fields)
for word in words:
    hits += db.execute(f"SELECT count(*) FROM invoice WHERE {where}", (f"%{word}%",)).fetchone()[0]
print("figure search", (cpu() - begun) * 1e3 / len(words), "ms")
db.close()
print("ready=" + f"{2 * reading} {2 * reading_wall}")
print(f"result={counted} invoices, {found} in months, {hits} found")
