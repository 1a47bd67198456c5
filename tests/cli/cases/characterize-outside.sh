# Not in the range that was looked at: said, and not found.
longpress characterize WH-1000XM5 network-reset --bench sim --from 6s --journal none
