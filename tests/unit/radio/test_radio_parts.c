/*
 * Small parts of the radio that need no bus; the rest is in tests/bluez.
 */
#include "hardware/radio/bluez.h"
#include "hardware/radio/bluez_agent.h"
#include "hardware/radio/radio_key_check.h"
#include "rig/signal/services.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_handsfree(void **state)
{
    /* As a unit opens the service level connection (Hands-Free Profile 1.8, 4.2.1). */
    static const struct {
        const char *command;
        const char *answer;
    } talk[] = {
        {"AT+BRSF=191", "\r\n+BRSF: 0\r\n\r\nOK\r\n"},
        {"AT+CIND?", "\r\n+CIND: 0,0,0,0,0,0,5\r\n\r\nOK\r\n"},
        {"AT+CMER=3,0,0,1", "\r\nOK\r\n"},
        {"AT+VGS=9", "\r\nOK\r\n"},
        {"hello", "\r\nERROR\r\n"},
        {"", "\r\nERROR\r\n"},
    };
    char out[256];
    (void)state;
    for (size_t i = 0; i < sizeof(talk) / sizeof(talk[0]); i++) {
        assert_string_equal(bluez_handsfree_answer(out, sizeof(out), talk[i].command),
                            talk[i].answer);
    }
    bluez_handsfree_answer(out, sizeof(out), "AT+CIND=?");
    assert_non_null(strstr(out, "(\"battchg\",(0-5))\r\n\r\nOK\r\n"));
}

static void test_services(void **state)
{
    char words[128];
    (void)state;
    assert_string_equal(services_words(words, sizeof(words), services_of("110b 111e")),
                        "a2dp_sink, hands_free");
    assert_string_equal(services_words(words, sizeof(words), services_of("110c")), "avrcp");
    assert_string_equal(services_words(words, sizeof(words), services_of("110e")), "avrcp");
    assert_int_equal(services_of(""), 0);
    assert_int_equal(services_of("0000 12 zz 110b"), 0);
    assert_string_equal(services_words(words, sizeof(words), 0), "nothing");
    assert_string_equal(services_words(words, 6, services_of("110b 111e")), "a2dp_");
}

static void test_version(void **state)
{
    static const struct {
        const char *modalias;
        const char *version;
    } known[] = {
        {"usb:v1D6Bp0246d0552", "5.82"},
        {"usb:v1D6Bp0246d0542", "5.66"},
        {"bluetooth:v054Cp0DF0d0231", ""},
        {"usb:v1D6Bp0246d05", ""},
        {"", ""},
    };
    char version[16];
    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        struct bluez_adapter adapter = {0};
        snprintf(adapter.modalias, sizeof(adapter.modalias), "%s", known[i].modalias);
        assert_string_equal(bluez_version(version, sizeof(version), &adapter), known[i].version);
    }
}

static void test_error_words(void **state)
{
    static const struct {
        struct bluez_reply reply;
        const char *words;
    } told[] = {
        {{.error = "org.bluez.Error.Failed", .message = "br-connection-refused"},
         "Failed: br-connection-refused"},
        {{.error = "org.bluez.Error.Busy", .message = ""}, "Busy"},
        {{.error = "org.freedesktop.DBus.Error.NoReply", .message = "whatever"},
         "bluetoothd did not answer in time"},
        {{.error = "org.freedesktop.DBus.Error.AccessDenied", .message = NULL},
         "org.freedesktop.DBus.Error.AccessDenied"},
    };
    char words[128];
    (void)state;
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
        assert_string_equal(bluez_error_words(words, sizeof(words), &told[i].reply), told[i].words);
    }
}

static void test_key_trial_of_nonsense(void **state)
{
    (void)state;
    errno = 0;
    assert_int_equal(radio_key_trial_start("00:00:00:00:00:01", "not an address"), -1);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(radio_key_trial_start("00:00:00:00:00", "AA:BB:CC:DD:EE:FF"), -1);
    assert_int_equal(errno, EINVAL);
    /* No machine has this adapter, and few that test have the socket; the addresses are good. */
    errno = 0;
    assert_int_equal(radio_key_trial_start("00:00:00:00:00:01", "AA:BB:CC:DD:EE:FF"), -1);
    assert_int_not_equal(errno, EINVAL);
    assert_int_not_equal(errno, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handsfree),
        cmocka_unit_test(test_services),
        cmocka_unit_test(test_version),
        cmocka_unit_test(test_error_words),
        cmocka_unit_test(test_key_trial_of_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
