longpress run WF-1000XM5 --bench sim --answer lid=ajar
longpress run WF-1000XM5 --bench sim --answer ldi=open
longpress run WF-1000XM5 --bench sim --answer lid
