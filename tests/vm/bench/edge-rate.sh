# timeout: 60
# What an LED played on a simulated line can do here: at which rhythm edges are lost, and how late
# they come. The kernel's simulated interrupt is one pending bit a line: edges that come faster than
# it is served melt into one. It is served on processor 0.

chip_make rig led_r
for ((cpu = 0; cpu < $(nproc); cpu++)); do
    echo "played from processor $cpu:"
    taskset -c "$cpu" "$tools/edge_rate" "$(chip_dev rig)" led_r "$(line_dir led_r)/pull" 1024 \
        0 50 100 200 500 1000 2000
done
