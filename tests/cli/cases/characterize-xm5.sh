# The nominal unit: 5.6 s, jitter 20 ms.
longpress characterize WH-1000XM5 network-reset --bench sim --precision 100ms
