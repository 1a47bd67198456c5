mkdir -p $HOME/.config/longpress/profiles
sed 's/^family: .*/family: mine/' profiles/wh-1000xm5.yaml >$HOME/.config/longpress/profiles/mine.yaml
longpress models --json | grep -c '"family": *"mine"'
longpress --profiles profiles models --json | grep -c '"family": *"mine"'
