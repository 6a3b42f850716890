"""Measures the numbers that this project holds itself to, beside a baseline in the same run.

`python3 run.py bench [NAME …] [--write]`.  A figure alone says how busy the machine was; the ratio to the baseline,
measured in turns with it, says how good the code is.
"""
