"""The desk: reports in, receipts out. Acknowledged means durable."""
