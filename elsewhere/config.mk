LIB_CFLAGS := -D_DEFAULT_SOURCE -D_XOPEN_SOURCE=600 
LIB_LIBS := -lgpiod -lyaml -ljansson -lsystemd -lncursesw -ltinfo -lsqlite3  -lm
GPIOD_MAJOR := 1
