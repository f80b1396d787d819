"""Tables that leave the house: population by five-year ages, ranking and sources as Excel, CSV and Parquet."""
