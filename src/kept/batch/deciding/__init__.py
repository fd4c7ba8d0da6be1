"""What a night decides out of frames: proposals, the law, values, prices. No database is asked, so
it runs wherever the frames are: in the night's own process, or on the machines of a cluster."""
