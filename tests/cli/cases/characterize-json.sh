longpress characterize WF-1000XM5 network-reset --bench sim --precision 500ms --unit 'A<1>' \
    --journal "$TMP/j.db" --json
