longpress characterize WH-1000XM5 network-reset --bench sim --linear 250ms --repeats 2 --from 5s --to 6500ms
