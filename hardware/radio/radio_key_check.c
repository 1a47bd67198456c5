#include "hardware/radio/radio_key_check.h"

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* As in the kernel's include/net/bluetooth/{bluetooth,l2cap}.h; they are not among its headers for
 * programs, and libbluetooth, which has them, is not worth having for that. */
enum {
    PROTOCOL_L2CAP = 0,
    LEVEL_BLUETOOTH = 274,
    OPTION_SECURITY = 4,
    SECURITY_MEDIUM = 2,
    PSM_SDP = 1,
    ADDRESS_BREDR = 0,
    ADDRESS_BYTES = 6,
};

struct security {
    uint8_t level;
    uint8_t key_size;
};

struct address_l2 {
    sa_family_t family;
    uint16_t psm; /* little endian */
    uint8_t address[ADDRESS_BYTES];
    uint16_t cid;
    uint8_t address_type;
};

/* "AA:BB:CC:DD:EE:FF", the last byte first. */
static int parse_address(const char *text, uint8_t out[ADDRESS_BYTES])
{
    for (int i = ADDRESS_BYTES - 1; i >= 0; i--) {
        char *end = NULL;
        unsigned long byte = strtoul(text, &end, 16);
        if (end != text + 2 || byte > 0xff || *end != (i > 0 ? ':' : '\0')) {
            errno = EINVAL;
            return -1;
        }
        out[i] = (uint8_t)byte;
        text = end + 1;
    }
    return 0;
}

int radio_key_trial_start(const char *adapter, const char *address)
{
    const struct security security = {.level = SECURITY_MEDIUM};
    struct address_l2 ours = {.family = AF_BLUETOOTH};
    struct address_l2 units = {
        .family = AF_BLUETOOTH, .psm = htole16(PSM_SDP), .address_type = ADDRESS_BREDR};

    if (parse_address(adapter, ours.address) != 0 || parse_address(address, units.address) != 0) {
        return -1;
    }
    int fd = socket(AF_BLUETOOTH, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, PROTOCOL_L2CAP);
    if (fd < 0) {
        return -1;
    }
    if (bind(fd, (const struct sockaddr *)&ours, sizeof(ours)) != 0 ||
        setsockopt(fd, LEVEL_BLUETOOTH, OPTION_SECURITY, &security, sizeof(security)) != 0 ||
        (connect(fd, (const struct sockaddr *)&units, sizeof(units)) != 0 &&
         errno != EINPROGRESS)) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

enum key_trial radio_key_trial_look(int fd)
{
    struct pollfd polled = {.fd = fd, .events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof(error);

    if (poll(&polled, 1, 0) == 0) {
        return KEY_TRIAL_RUNS;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
        return KEY_TRIAL_FAILED;
    }
    errno = error;
    return error == 0                                 ? KEY_TRIAL_ACCEPTED
           : error == ECONNREFUSED || error == EACCES ? KEY_TRIAL_REFUSED
                                                      : KEY_TRIAL_FAILED;
}
