for command in history show judge prune backup; do
    longpress help $command
done
