/* What a disk holds after the power went: plays the record that dm-log-writes made of a disk's
 * writes and flushes up to a random one of them. What was not flushed by then is there, or not, or
 * in part, sector by sector, at random.
 *
 *   power_cut RECORD SEED NUMBER IMAGE
 *
 * writes the disk after cut NUMBER to IMAGE, and prints the marks that had been made before it, a
 * line each. The same SEED and NUMBER make the same cut. The first mark is `begin:MEGABYTES`, the
 * disk's size; no cut comes before it. */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FLUSH = 1, FUA = 2, DISCARD = 4, MARK = 8, SECTOR = 512 };

/* As drivers/md/dm-log-writes.c of the kernel writes them; all little-endian. */
struct super {
    uint64_t magic, version, nr_entries;
    uint32_t sector_size;
};
struct entry {
    uint64_t sector, nr_sectors, flags, data_len;
};
#define MAGIC UINT64_C(0x6a736677736872)

/* The record; `unit` is what its own numbers of sectors count in. */
struct record {
    const uint8_t *bytes;
    size_t size, unit, count;
    const uint8_t **at; /* the entries, `count` of them */
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "power_cut: %s\n", what);
    exit(1);
}

static struct entry entry_at(const uint8_t *p)
{
    struct entry e;
    memcpy(&e, p, sizeof e);
    return (struct entry){le64toh(e.sector), le64toh(e.nr_sectors), le64toh(e.flags),
                          le64toh(e.data_len)};
}

static bool has_data(const struct entry *e)
{
    return !(e->flags & (MARK | DISCARD));
}

static struct record record_open(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || (size_t)st.st_size < sizeof(struct super)) {
        die("the record cannot be read");
    }
    struct record r = {.size = (size_t)st.st_size};
    r.bytes = mmap(NULL, r.size, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (r.bytes == MAP_FAILED) {
        die(strerror(errno));
    }
    struct super super;
    memcpy(&super, r.bytes, sizeof super);
    r.unit = le32toh(super.sector_size);
    if (le64toh(super.magic) != MAGIC || r.unit < SECTOR ||
        le64toh(super.nr_entries) > r.size / SECTOR) {
        die("this is no record of dm-log-writes");
    }
    r.count = le64toh(super.nr_entries);
    r.at = calloc(r.count + 1, sizeof *r.at);
    if (!r.at) {
        die("no memory");
    }
    size_t offset = r.unit;
    for (size_t i = 0; i < r.count; i++) {
        if (offset + r.unit > r.size) {
            die("the record is cut off");
        }
        r.at[i] = r.bytes + offset;
        struct entry e = entry_at(r.at[i]);
        offset += r.unit + (has_data(&e) ? e.nr_sectors * r.unit : 0);
    }
    return r;
}

static uint64_t next_random(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* The text of a mark, or "" of what is none. */
static const char *mark_text(const struct record *r, size_t i, char *text, size_t size)
{
    struct entry e = entry_at(r->at[i]);
    text[0] = '\0';
    if ((e.flags & MARK) && e.data_len < size && e.data_len <= r->unit - sizeof e) {
        memcpy(text, r->at[i] + sizeof e, e.data_len);
        text[e.data_len] = '\0';
    }
    return text;
}

/* Entry i onto the disk; of what may be lost, each sector is kept with `keep` in 256. */
static void play(const struct record *r, size_t i, uint8_t *disk, size_t disk_size, unsigned keep,
                 uint64_t *random)
{
    struct entry e = entry_at(r->at[i]);
    size_t start = e.sector * r->unit, length = e.nr_sectors * r->unit;
    if (e.flags & MARK) {
        return;
    }
    if (start > disk_size || length > disk_size - start) {
        die("a write beyond the end of the disk");
    }
    for (size_t done = 0; done < length; done += SECTOR) {
        if (keep < 256 && next_random(random) % 256 >= keep) {
            continue;
        }
        if (has_data(&e)) {
            memcpy(disk + start + done, r->at[i] + r->unit + done, SECTOR);
        } else {
            memset(disk + start + done, 0, SECTOR);
        }
    }
}

static uint8_t *disk_open(const char *path, size_t size)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0 || ftruncate(fd, (off_t)size) != 0) {
        die("the image cannot be written");
    }
    uint8_t *disk = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (disk == MAP_FAILED) {
        die(strerror(errno));
    }
    return disk;
}

/* Of the first mark: the disk's size. 0: it is not that mark. */
static size_t megabytes_of(const char *mark)
{
    static const char word[] = "begin:";
    size_t length = sizeof(word) - 1;
    return strncmp(mark, word, length) == 0 ? strtoull(mark + length, NULL, 10) : 0;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        die("usage: power_cut RECORD SEED NUMBER IMAGE");
    }
    struct record r = record_open(argv[1]);
    uint64_t random = strtoull(argv[2], NULL, 10) * 1000003 + strtoull(argv[3], NULL, 10);
    char text[256];
    size_t begin = 0, megabytes = 0;
    while (begin < r.count &&
           (megabytes = megabytes_of(mark_text(&r, begin, text, sizeof text))) == 0) {
        begin++;
    }
    if (begin == r.count || megabytes == 0 || megabytes > 4096) {
        die("the record has no beginning");
    }
    size_t cut = begin + 1 + next_random(&random) % (r.count - begin);
    /* All of it kept, nothing, or something between. */
    unsigned kinds[] = {0, 256, (unsigned)(next_random(&random) % 256), 128};
    unsigned keep = kinds[next_random(&random) % 4];
    size_t flushed = 0;
    for (size_t i = 0; i < cut; i++) {
        if (entry_at(r.at[i]).flags & FLUSH) {
            flushed = i + 1;
        }
    }
    uint8_t *disk = disk_open(argv[4], megabytes << 20);
    for (size_t i = 0; i < cut; i++) {
        bool safe = i < flushed || (entry_at(r.at[i]).flags & FUA);
        play(&r, i, disk, megabytes << 20, safe ? 256 : keep, &random);
        if (i > begin && *mark_text(&r, i, text, sizeof text)) {
            puts(text);
        }
    }
    free(r.at);
    return 0;
}
