"""Writes a table of invoices as Parquet with polars; reading it is no part of the job.

parquet_polars.py INVOICES.csv OUT.parquet
"""
import os
import sys
import time

import polars as pl

source, target = sys.argv[1:]
AMOUNTS = ["net", "tax", "价税合计"]
begun, wall = time.process_time(), time.monotonic()
table = pl.read_csv(source, infer_schema=False)
table = table.with_columns(pl.col("day").str.to_date(), *(pl.col(name).cast(pl.Decimal(18, 2)) for name in AMOUNTS))
ready, ready_wall = time.process_time() - begun, time.monotonic() - wall
table.write_parquet(target, compression="zstd", compression_level=1)
print("figure file", os.path.getsize(target) / 2**20, "MiB")
print(f"ready={ready} {ready_wall}")
print(f"result={table.height} invoices, {table['价税合计'].sum()}")
