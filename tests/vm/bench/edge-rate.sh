# timeout: 60
# What an LED played on a simulated line can do here: edges a second, lost edges, latency.

chip_make rig led_r
"$tools/edge_rate" "$(chip_dev rig)" led_r "$(line_dir led_r)/pull" 10240
