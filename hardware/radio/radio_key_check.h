/*
 * Has the unit lost the key? This opens a connection to its service discovery (L2CAP, PSM 1), which
 * every unit accepts from everybody, and demands that it be authenticated and encrypted with the
 * stored key (BT_SECURITY_MEDIUM): a refusal is then about the key and nothing else. A profile may
 * be refused for other reasons, and bluetoothd calls both "br-connection-refused". The reverse
 * proves nothing: without bonding, a unit may grant a key for this connection alone (emulated
 * controllers do).
 *
 * It uses a kernel socket (net/bluetooth), not bluetoothd; some machines that run tests do not have
 * that address family.
 */
#ifndef LONGPRESS_HARDWARE_KEY_TRIAL_H
#define LONGPRESS_HARDWARE_KEY_TRIAL_H

enum key_trial {
    KEY_TRIAL_RUNS,
    KEY_TRIAL_ACCEPTED,
    KEY_TRIAL_REFUSED,
    KEY_TRIAL_FAILED, /* not reached, or no such socket: errno says */
};

/* Begin, without waiting. The fd to poll for POLLOUT, or -1 with errno. Addresses are texts. */
int radio_key_trial_start(const char *adapter, const char *address);
/* How it stands; the caller closes the fd. */
enum key_trial radio_key_trial_look(int fd);

#endif
