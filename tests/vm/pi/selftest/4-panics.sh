echo c >/proc/sysrq-trigger
sleep 1000
