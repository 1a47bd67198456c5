# longpress: build, try, test. `make help` lists the targets; README.md tells the rest.

VERSION      := 0.1.0
BUILD        ?= build
PREFIX       ?= /usr/local
DESTDIR      ?=
PKG_CONFIG   ?= pkg-config
CLANG        ?= clang
RUN_UNDER    ?=
FUZZ_SECONDS ?= 30
# `make DEPS=no` leaves the packages alone: for builds in a root that somebody else has furnished.
DEPS         ?= yes
ifeq ($(origin CC),default)
CC := gcc
endif

.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
.PHONY: all run test check-unit check-mutants check-cli check-fuzz check-bluez check-tui check-reports screenshots \
        check-asan check-valgrind \
        check-compilers lint format bench fuzz vm-test vm-clang vm-seeds cross-arm64 i386-test \
        vm-bench vm-soak release-test install uninstall clean help programs

# The manual page: a frame, and what the tables of the commands say.
MANUAL := $(BUILD)/longpress.1

all: $(BUILD)/longpress $(MANUAL)

# ---- packages: what is missing is installed through apt, and said ------------------------------

PACKAGES_BUILD := $(CC) pkg-config libgpiod-dev libyaml-dev libjansson-dev libsystemd-dev \
                  libncurses-dev libsqlite3-dev
PACKAGES_BUILD := $(patsubst cc,gcc,$(filter-out %-gcc,$(notdir $(PACKAGES_BUILD))))
PACKAGES_TEST  := libcmocka-dev libsystemd-dev dbus systemd libvterm-dev tmux jq libxml2-utils sigrok-cli
PACKAGES_FUZZ  := clang libclang-rt-dev
PACKAGES_LINT  := clang clang-tidy clang-format cppcheck mandoc
PACKAGES_GRIND := valgrind
PACKAGES_REPORTS := chromium

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
# $(call need,PACKAGES): install those that are not there.
define need
	@[ "$(DEPS)" = yes ] || exit 0; \
	if ! command -v dpkg-query >/dev/null; then \
		echo "make: not a Debian system: install the equivalents of: $(1)"; exit 0; fi; \
	missing=; for p in $(1); do \
		dpkg-query -W -f='$${db:Status-Status}\n' "$$p" 2>/dev/null | grep -qx installed \
		|| missing="$$missing $$p"; done; \
	[ -n "$$missing" ] || exit 0; \
	echo "make: installing through apt:$$missing"; \
	log=$$(mktemp); \
	if ! { $(SUDO) apt-get update && $(SUDO) env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=600 \
		$$missing; } >"$$log" 2>&1; then \
		cat "$$log"; rm -f "$$log"; \
		echo "make: apt could not install$$missing; see above"; exit 1; fi; rm -f "$$log"
endef

# ---- what the libraries want -------------------------------------------------------------------

LIBRARIES := libgpiod yaml-0.1 jansson libsystemd ncursesw sqlite3
LIBRARY_PACKAGES := libgpiod) echo libgpiod-dev;; yaml-0.1) echo libyaml-dev;; jansson) echo libjansson-dev;; \
	libsystemd) echo libsystemd-dev;; ncursesw) echo libncurses-dev;; sqlite3) echo libsqlite3-dev;;

# Written once the packages are there, and not if one is missing; make then starts over with what it says.
CONFIG := $(BUILD)/config.mk
NO_CONFIG := clean help report-packages newcomer-test test-repeat format width-table vm-test vm-bench \
             vm-clang vm-seeds vm-soak cross-arm64 i386-test release-test uninstall
ifneq ($(filter-out $(NO_CONFIG),$(or $(MAKECMDGOALS),all)),)
include $(CONFIG)
endif

$(CONFIG): Makefile
	$(call need,$(PACKAGES_BUILD))
	@mkdir -p $(@D)
	@fail() { echo "make: $$1" >&2; exit 1; }; \
	command -v $(firstword $(PKG_CONFIG)) >/dev/null || fail "there is no $(PKG_CONFIG): install it"; \
	for lib in $(LIBRARIES); do \
		$(PKG_CONFIG) --print-errors --exists $$lib || \
		fail "$(PKG_CONFIG) finds no $$lib: install its development package (Debian: $$( \
			case $$lib in $(LIBRARY_PACKAGES) esac)), then make again"; done; \
	cflags=$$($(PKG_CONFIG) --cflags $(LIBRARIES)) && libs=$$($(PKG_CONFIG) --libs $(LIBRARIES)) && \
	gpiod=$$($(PKG_CONFIG) --modversion libgpiod) || fail "$(PKG_CONFIG) failed; see above"; \
	printf '%s\n' "LIB_CFLAGS := $$cflags" "LIB_LIBS := $$libs -lm" \
		"GPIOD_MAJOR := $${gpiod%%.*}" >$@.new && mv $@.new $@

# `make V=1` shows the commands whole.
ifeq ($(V),)
say = @printf '  %-4s %s\n' $(1) $@;
else
say =
endif

# ---- how to compile ----------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wpointer-arith -Wvla -Wundef
OPTIMISE ?= -O2 -g
HARDEN   ?= -fstack-protector-strong -D_FORTIFY_SOURCE=2
SANITIZE ?=
DEFINES   = -D_GNU_SOURCE -DLONGPRESS_VERSION='"$(VERSION)"' -DLONGPRESS_GPIOD_MAJOR=$(GPIOD_MAJOR) \
            -DLONGPRESS_DATADIR='"$(PREFIX)/share/longpress"'
COMPILE   = $(CC) -std=c17 $(WARNINGS) $(OPTIMISE) $(HARDEN) $(SANITIZE) -fPIE -I. $(DEFINES) \
            $(LIB_CFLAGS) $(CPPFLAGS) $(CFLAGS)
LINK      = $(CC) $(OPTIMISE) $(SANITIZE) -pie -Wl,-z,relro,-z,now $(LDFLAGS)

CORE_SRC := $(wildcard rig/*/*.c hardware/*/*.c)
TUI_SRC  := $(filter-out tui/command/main.c,$(wildcard tui/*/*.c))
CORE     := $(BUILD)/liblongpress.a
CORE_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(CORE_SRC) $(TUI_SRC))

# How things are compiled, written only where it changed: a change of this file alone recompiles nothing.
FLAGS := $(BUILD)/flags
.PHONY: look
$(FLAGS): export COMPILED = $(COMPILE)
$(FLAGS): look
	@mkdir -p $(@D)
	@printf '%s\n' "$$COMPILED" | cmp -s - $@ || printf '%s\n' "$$COMPILED" >$@

# A test is compiled more often than it is run.
$(BUILD)/tests/unit/%.o: private OPTIMISE := $(patsubst -O2,-O1,$(OPTIMISE))

$(BUILD)/%.o: %.c $(FLAGS)
	@mkdir -p $(@D)
	$(call say,CC)$(COMPILE) -MMD -MP -c -o $@ $<

$(CORE): $(CORE_OBJ)
	@rm -f $@
	$(call say,AR)$(AR) rcs $@ $^

# By the link to the tree the program finds its profiles, wherever the build folder is.
$(BUILD)/longpress: $(BUILD)/tui/command/main.o $(CORE)
	@ln -sfn "$$(realpath --relative-to=$(@D) .)" $(@D)/source
	$(call say,LINK)$(LINK) -o $@ $^ $(LIB_LIBS)

$(MANUAL): docs/longpress.1.in $(BUILD)/longpress
	$(call say,MAN)$(BUILD)/longpress --manual >$@.commands && \
	sed -e '/^@COMMANDS@$$/{' -e 'r $@.commands' -e d -e '}' -e 's/@VERSION@/$(VERSION)/' $< >$@

# ---- a newcomer's first command ----------------------------------------------------------------

run: $(BUILD)/longpress
	$(BUILD)/longpress run WH-1000XM5 --bench sim

# ---- tests -------------------------------------------------------------------------------------

# A folder a room; the programs are in one.
UNIT_MAIN := $(wildcard tests/unit/*/test_*.c)
UNIT_HELP := $(wildcard tests/unit/*.c)
UNIT_BIN  := $(addprefix $(BUILD)/tests/unit/,$(notdir $(UNIT_MAIN:.c=)))
UNIT_HOBJ := $(patsubst %.c,$(BUILD)/%.o,$(UNIT_HELP))
BENCH_BIN := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/bench_*.c))
VM_BIN    := $(patsubst tests/vm/programs/%.c,$(BUILD)/vm-programs/%,$(wildcard tests/vm/programs/*.c))
FAKE_BIN  := $(BUILD)/tests/fakes/fake_bluez $(BUILD)/tests/fakes/selftest_client
PROBE_BIN := $(BUILD)/tests/bluez/radio_probe $(BUILD)/tests/bluez/watch_probe
TUI_MAIN  := $(addprefix tests/tui/,screenplay.c monkey.c measure.c puppet.c)
TUI_OBJ   := $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(TUI_MAIN),$(wildcard tests/tui/*.c)))
TUI_BIN   := $(patsubst %.c,$(BUILD)/%,$(TUI_MAIN))
FAKE_OBJ  := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/fakes/fake_*.c))
DUT_BIN   := $(if $(wildcard tests/dut/*.c),$(BUILD)/longpress-dut)

.PHONY: test-packages
test-packages:
	$(call need,$(PACKAGES_TEST))

$(patsubst %.c,$(BUILD)/%.o,$(UNIT_MAIN) $(UNIT_HELP)): | test-packages

define unit_program
$(BUILD)/tests/unit/$(notdir $(1)): $(BUILD)/$(1).o $(UNIT_HOBJ) $(CORE)
	$$(call say,LINK)$$(LINK) -o $$@ $$^ $$(LIB_LIBS) -lcmocka -lm
endef
$(foreach main,$(UNIT_MAIN:.c=),$(eval $(call unit_program,$(main))))

$(BENCH_BIN): $(BUILD)/tests/bench/%: $(BUILD)/tests/bench/%.o $(CORE)
	$(call say,LINK)$(LINK) -o $@ $^ $(LIB_LIBS) -lm

$(VM_BIN): $(BUILD)/vm-programs/%: $(BUILD)/tests/vm/programs/%.o $(CORE)
	@mkdir -p $(@D)
	$(call say,LINK)$(LINK) -o $@ $^ $(LIB_LIBS) -lcmocka -lm

$(BUILD)/tests/vm/programs/%.o: | test-packages

$(BUILD)/longpress-dut: $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/dut/*.c)) $(CORE)
	$(call say,LINK)$(LINK) -o $@ $^ $(LIB_LIBS) -lm

$(FAKE_OBJ) $(BUILD)/tests/fakes/selftest_client.o: | test-packages

$(BUILD)/tests/fakes/fake_bluez: $(FAKE_OBJ) $(CORE)
	$(call say,LINK)$(LINK) -o $@ $^ $(LIB_LIBS)

$(BUILD)/tests/fakes/selftest_client: $(BUILD)/tests/fakes/selftest_client.o
	$(call say,LINK)$(LINK) -o $@ $^ $(LIB_LIBS)

$(PROBE_BIN): $(BUILD)/tests/bluez/%: $(BUILD)/tests/bluez/%.o $(CORE)
	$(call say,LINK)$(LINK) -o $@ $^ $(LIB_LIBS)

$(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/tui/*.c)): | test-packages

$(TUI_BIN): $(BUILD)/tests/tui/%: $(BUILD)/tests/tui/%.o $(TUI_OBJ)
	$(call say,LINK)$(LINK) -o $@ $^ $(LIB_LIBS) -lvterm -lutil

programs: $(BUILD)/longpress $(DUT_BIN) $(VM_BIN) $(UNIT_BIN) $(BENCH_BIN) $(FAKE_BIN) $(PROBE_BIN)
programs: $(TUI_BIN)

check-unit: $(UNIT_BIN) $(BUILD)/longpress
	@RUN_UNDER="$(RUN_UNDER)" tests/run-unit $(UNIT_BIN)

# Ten thousand passing runs with one event changed: none passes that should not. check-unit tries some.
check-mutants: $(BUILD)/tests/unit/test_mutants
	MUTANTS=$(or $(MUTANTS),10000) $<

# Each operation of a journal fails, the power is cut at each, SEEDS times, and another process meets it
# at each. check-unit takes all operations of some cases, and of the rest each second or third.
check-steps: export LONGPRESS_EACH_STEP = yes
check-steps: export LONGPRESS_POWER_SEEDS = $(or $(SEEDS),20)
check-steps: $(BUILD)/tests/unit/test_journal_faults $(BUILD)/tests/unit/test_journal_together
	$(BUILD)/tests/unit/test_journal_faults
	$(BUILD)/tests/unit/test_journal_together

check-cli: $(BUILD)/longpress
	@LONGPRESS=$(BUILD)/longpress tests/cli/run
	@LONGPRESS=$(BUILD)/longpress tests/cli/start-together 50

# The commands in README, docs, man page and help texts.
check-texts: $(BUILD)/longpress $(MANUAL)
	@BUILD=$(BUILD) tests/texts/run

check-bluez: $(FAKE_BIN) $(PROBE_BIN) $(BUILD)/longpress
	@BUILD=$(BUILD) tests/bluez/run

check-fakes: $(FAKE_BIN)
	@FAKE_BLUEZ=$(BUILD)/tests/fakes/fake_bluez tests/fakes/selftest.sh

# The screens, on a pseudo-terminal.
check-tui: $(TUI_BIN) $(BUILD)/longpress
	@BUILD=$(BUILD) tests/tui/run

check-harness: $(TUI_BIN) $(BUILD)/longpress
	@BUILD=$(BUILD) tests/tui/selftest.sh

# The README's pictures, from the real program.
screenshots: $(TUI_BIN) $(BUILD)/longpress
	@mkdir -p docs/screens
	BUILD=$(BUILD) $(BUILD)/tests/tui/screenplay tests/tui/screenshots.play

check-reports: $(BUILD)/longpress
	@BUILD=$(BUILD) tests/reports/run

# All suites, also when one fails; a summary comes last.
TEST_BIN := $(BUILD)/longpress $(UNIT_BIN) $(FAKE_BIN) $(PROBE_BIN) $(TUI_BIN)

.PHONY: check-texts test-programs check-harness check-fakes
test-programs: $(TEST_BIN) fuzz-replays

SUITES := tui unit cli texts bluez harness fakes reports fuzz make

test: test-packages
	+@MAKE="$(MAKE)" BUILD="$(BUILD)" tests/suites $(SUITES)

.PHONY: check-make
check-make: $(BUILD)/longpress
	@BUILD=$(BUILD) MAKE="$(MAKE)" tests/make/run

# N times, on a busy machine, in all locales, as root and as somebody else.
N ?= 20
TOGETHER ?= 1
.PHONY: test-repeat
test-repeat:
	tests/repeat -n $(N) -a $(TOGETHER)

# What `make test` does without, since it is large: a browser that looks at the reports.
.PHONY: report-packages
report-packages:
	$(call need,$(PACKAGES_REPORTS))

check-asan:
	$(call need,$(PACKAGES_FUZZ) $(PACKAGES_TEST))
	$(MAKE) BUILD=$(BUILD)/asan CC=$(CLANG) HARDEN= OPTIMISE='-O1 -g' \
		SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer' test

check-valgrind: $(UNIT_BIN) $(BUILD)/longpress
	$(call need,$(PACKAGES_GRIND))
	@LONGPRESS_CASES=200 RUN_UNDER="valgrind -q --error-exitcode=99 --leak-check=full \
		--trace-children=no --child-silent-after-fork=yes" tests/run-unit $(UNIT_BIN)

# The widths of characters, from Debian's copy of the Unicode character database.
UNICODE := /usr/share/unicode
.PHONY: width-table
width-table:
	$(call need,unicode-data)
	awk -f rig/base/width_table.awk $(addprefix $(UNICODE)/,PropList.txt UnicodeData.txt EastAsianWidth.txt) \
		>rig/base/width_table.h

# Both compilers, everything that is built, no warnings.
check-compilers:
	$(call need,gcc clang $(PACKAGES_TEST))
	$(MAKE) BUILD=$(BUILD)/gcc CC=gcc programs
	$(MAKE) BUILD=$(BUILD)/clang CC=$(CLANG) programs

ALL_C := $(wildcard rig/*/*.[ch] hardware/*/*.[ch] tui/*/*.[ch] tests/*/*.[ch] \
         tests/unit/*/*.[ch] tests/vm/*/*.[ch])

# The peers of the press bench speak libgpiod 2 only: they are built and checked in the VM lab.
TIDY_C := $(filter-out tests/vm/bench/%,$(filter %.c,$(ALL_C)))

# No room of docs/rooms.txt knows one above it.
.PHONY: check-rooms
check-rooms: $(BUILD)/longpress
	tests/rooms/check $(BUILD)

lint: $(CONFIG) check-rooms $(MANUAL)
	$(call need,$(PACKAGES_LINT) $(PACKAGES_TEST))
	mandoc -Tlint $(MANUAL)
	clang-format --dry-run -Werror $(ALL_C)
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
		--suppress=missingIncludeSystem --error-exitcode=1 -j 2 -I. $(DEFINES) $(TIDY_C)
	printf '%s\n' -std=c17 -I$(CURDIR) $(DEFINES) $(LIB_CFLAGS) >$(BUILD)/compile_flags.txt
	printf '%s\n' $(TIDY_C) | xargs -P 2 -n 6 clang-tidy --quiet -p $(BUILD)

format:
	clang-format -i $(ALL_C)

# ---- figures -----------------------------------------------------------------------------------

bench: $(BENCH_BIN) $(BUILD)/longpress $(TUI_BIN) $(FAKE_BIN) $(PROBE_BIN)
	@LONGPRESS=$(BUILD)/longpress BUILD=$(BUILD) tests/bench/run

# ---- fuzzing -----------------------------------------------------------------------------------

FUZZ_MAIN := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_BIN  := $(patsubst %.c,$(BUILD)/%,$(FUZZ_MAIN))
FUZZ_HELP := $(filter-out $(FUZZ_MAIN) tests/fuzz/replay_main.c,$(wildcard tests/fuzz/*.c))
FUZZ_HOBJ := $(patsubst %.c,$(BUILD)/%.o,$(FUZZ_HELP))
FUZZ_FLAGS := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
FUZZ_LINK  := -fsanitize=fuzzer,address,undefined

$(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(FUZZ_HOBJ) $(CORE)
	$(call say,LINK)$(LINK) $(FUZZ_LINK) -o $@ $^ $(LIB_LIBS) -lm

.PHONY: fuzz-programs
fuzz-programs: $(FUZZ_BIN)

# The inputs that were found by fuzzing, the seeds and the tree's own files, without a fuzzer.
REPLAY_BIN := $(patsubst tests/fuzz/fuzz_%.c,$(BUILD)/tests/fuzz/replay_%,$(FUZZ_MAIN))

$(REPLAY_BIN): $(BUILD)/tests/fuzz/replay_%: $(BUILD)/tests/fuzz/fuzz_%.o \
		$(BUILD)/tests/fuzz/replay_main.o $(FUZZ_HOBJ) $(CORE)
	$(call say,LINK)$(LINK) -o $@ $^ $(LIB_LIBS) -lm

.PHONY: fuzz-replays
fuzz-replays: $(REPLAY_BIN)

check-fuzz: $(REPLAY_BIN)
	@tests/fuzz/run --replay $(BUILD)/tests/fuzz

fuzz:
	$(call need,$(PACKAGES_FUZZ))
	$(MAKE) BUILD=$(BUILD)/fuzz CC=$(CLANG) HARDEN= OPTIMISE='-O1 -g' SANITIZE='$(FUZZ_FLAGS)' \
		fuzz-programs
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run $(BUILD)/fuzz/tests/fuzz

# ---- the first evening of a newcomer, on bare Debian roots ------------------------------------

RELEASE ?= bookworm trixie
.PHONY: newcomer-test
newcomer-test:
	tests/newcomer/run $(RELEASE)

# ---- the VM lab: real kernel GPIO, Debian 13, arm64 --------------------------------------------

vm-test:
	tests/vm/lab test --selftest
	tests/vm/lab test
	tests/vm/lab pi --selftest
	tests/vm/lab pi

vm-clang:
	tests/vm/lab build --clang

# Another seed and another speed of the processor for each commit.
COMMITS = $(shell git rev-list --count HEAD)
vm-seeds:
	tests/vm/lab test --seed $(COMMITS) --shift $$(($(COMMITS) % 3 + 1))

cross-arm64:
	tests/vm/lab cross-arm64

vm-bench:
	tests/vm/lab bench

# Thousands of kills, power cuts and resets, or an Nth of them: `make vm-soak SHARE=N SEED=N`.
SHARE ?= 1
SEED  ?= 1
vm-soak:
	tests/vm/lab soak --seed $(SEED) --share $(SHARE)

# 32 bit: unit tests in an i386 root, and a cross build for armhf.
i386-test:
	tests/i386

# What is tested before a release; PART=K/N is a share of it.
PART ?= 0/1
release-test:
	tests/release $(PART)

# ---- installing --------------------------------------------------------------------------------

DATA  := $(DESTDIR)$(PREFIX)/share
UNITS := $(DESTDIR)$(PREFIX)/lib/systemd/system

# Where the shells look for what they complete: tui/command/completion/FILE has it.
SHELLS := longpress.bash:bash-completion/completions/longpress _longpress:zsh/site-functions/_longpress \
          longpress.fish:fish/vendor_completions.d/longpress.fish

install: $(BUILD)/longpress $(MANUAL)
	install -D -m 755 $(BUILD)/longpress $(DESTDIR)$(PREFIX)/bin/longpress
	install -d $(DATA)/longpress/profiles $(DATA)/longpress/firmware $(DATA)/longpress/benches \
		$(DATA)/man/man1 $(DATA)/doc/longpress
	install -m 644 profiles/*.yaml profiles/SCHEMA.md $(DATA)/longpress/profiles
	install -m 644 hardware/sim/firmware/*.yaml hardware/sim/firmware/README.md $(DATA)/longpress/firmware
	install -m 644 hardware/benches/*.yaml hardware/benches/README.md $(DATA)/longpress/benches
	install -m 644 $(MANUAL) $(DATA)/man/man1
	for shell in $(SHELLS); do \
		install -D -m 644 tui/command/completion/$${shell%%:*} $(DATA)/$${shell#*:} || exit; done
	install -m 644 README.md LICENSE docs/CHANGELOG.md $(DATA)/doc/longpress
	install -d $(UNITS)
	install -m 644 hardware/systemd/longpress-guard.socket $(UNITS)
	sed 's|@BINDIR@|$(PREFIX)/bin|' hardware/systemd/longpress-guard.service.in \
		>$(UNITS)/longpress-guard.service
	chmod 644 $(UNITS)/longpress-guard.service

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/longpress $(DATA)/man/man1/longpress.1
	for shell in $(SHELLS); do rm -f $(DATA)/$${shell#*:}; done
	rm -rf $(DATA)/longpress $(DATA)/doc/longpress
	rm -f $(UNITS)/longpress-guard.socket $(UNITS)/longpress-guard.service

clean:
	rm -rf $(BUILD)

help:
	@echo 'make              build $(BUILD)/longpress (installs missing packages through apt)'
	@echo 'make run          build, and run a WH-1000XM5 network reset on the simulated bench'
	@echo 'make test         all tests that need no VM'
	@echo 'make test-repeat  all of them N=$(N) times on a busy machine (root; TOGETHER=4 is quicker)'
	@echo 'make newcomer-test  the two above on bare Debian roots, as a newcomer (RELEASE=trixie: one)'
	@echo 'make vm-test      the tests on real kernel GPIO, in Debian 13 VMs, in virtual time'
	@echo 'make vm-soak      10,000 kills, 1,000 power cuts, 1,000 resets; SHARE=N: an Nth of it, SEED=N'
	@echo 'make i386-test    the unit tests on 32 bit, in a Debian i386 root; armhf is built too'
	@echo 'make release-test what is tested before a release; PART=K/N: a share of it'
	@echo 'make check-asan   the tests under address and undefined-behaviour sanitizers'
	@echo 'make check-valgrind  the unit tests under valgrind'
	@echo 'make check-compilers everything with gcc and with clang'
	@echo 'make lint         clang-format, cppcheck, clang-tidy'
	@echo 'make screenshots  the pictures of the README, from the real program'
	@echo 'make bench        the figures; make vm-bench: press accuracy, in the VM'
	@echo 'make fuzz         each fuzz target for FUZZ_SECONDS=$(FUZZ_SECONDS) seconds'
	@echo 'make install      to DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)'

-include $(shell [ -d $(BUILD) ] && find $(BUILD) -name '*.d' -not -path '$(BUILD)/asan/*' \
	-not -path '$(BUILD)/fuzz/*' -not -path '$(BUILD)/gcc/*' -not -path '$(BUILD)/clang/*' 2>/dev/null)
