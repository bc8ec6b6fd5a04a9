"""Reads the text of every PDF of a folder with Poppler's pdftotext."""
import os
import subprocess
import sys
from decimal import Decimal

from pdf_text import stated

folder = sys.argv[1]
invoices = numbers = 0
gross = Decimal(0)
for name in sorted(os.listdir(folder)):
    run = subprocess.run(["pdftotext", "-layout", os.path.join(folder, name), "-"], capture_output=True, check=True)
    number, amount = stated(run.stdout.decode())
    invoices += 1
    numbers += number
    gross += amount
print(f"result={invoices} invoices, {numbers}, {int(gross * 100)}")
