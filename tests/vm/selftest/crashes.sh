# timeout: 10
echo c >/proc/sysrq-trigger
