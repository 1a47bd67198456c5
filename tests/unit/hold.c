#include "tests/unit/hold.h"

#include <pthread.h>

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int64_t at;
    int64_t count;
    bool held;
    bool released;
    bool ended;
    bool in_the_way;
} hold = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static _Thread_local bool is_it;

void hold_reset(void)
{
    pthread_mutex_lock(&hold.mutex);
    hold.at = hold.count = 0;
    hold.held = hold.released = hold.ended = hold.in_the_way = false;
    pthread_mutex_unlock(&hold.mutex);
}

void hold_begin(int64_t at)
{
    pthread_mutex_lock(&hold.mutex);
    hold.at = at;
    is_it = true;
    pthread_mutex_unlock(&hold.mutex);
}

void hold_end(void)
{
    pthread_mutex_lock(&hold.mutex);
    is_it = false;
    hold.ended = true;
    pthread_cond_broadcast(&hold.changed);
    pthread_mutex_unlock(&hold.mutex);
}

void hold_join(void)
{
    is_it = true;
}

bool hold_is_it(void)
{
    return is_it;
}

void hold_step(void)
{
    if (!is_it) {
        return;
    }
    pthread_mutex_lock(&hold.mutex);
    if (++hold.count == hold.at) {
        hold.held = true;
        pthread_cond_broadcast(&hold.changed);
    }
    /* All of its threads. */
    while (hold.held && !hold.released) {
        pthread_cond_wait(&hold.changed, &hold.mutex);
    }
    pthread_mutex_unlock(&hold.mutex);
}

bool hold_wait(void)
{
    pthread_mutex_lock(&hold.mutex);
    while (!hold.held && !hold.ended) {
        pthread_cond_wait(&hold.changed, &hold.mutex);
    }
    bool held = hold.held;
    pthread_mutex_unlock(&hold.mutex);
    return held;
}

void hold_release(void)
{
    pthread_mutex_lock(&hold.mutex);
    hold.released = true;
    pthread_cond_broadcast(&hold.changed);
    pthread_mutex_unlock(&hold.mutex);
}

void hold_waits(void)
{
    pthread_mutex_lock(&hold.mutex);
    if (!is_it && hold.held && !hold.released) {
        hold.in_the_way = hold.released = true;
        pthread_cond_broadcast(&hold.changed);
    }
    pthread_mutex_unlock(&hold.mutex);
}

bool hold_was_in_the_way(void)
{
    pthread_mutex_lock(&hold.mutex);
    bool was = hold.in_the_way;
    pthread_mutex_unlock(&hold.mutex);
    return was;
}
