// SPDX-License-Identifier: BSD-3-Clause
//
// The workloads of pool.lua in C, on the Lua library: a thread and a Lua state per worker, without
// anything else, even without errors that reach the caller. This is about the fastest possible.
//
//     pool singles|chunks|task|start|list|string|memory
//
// Prints a line WORKLOAD<TAB>value, in the units of pool.lua.

#define _GNU_SOURCE
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { most_workers = 8 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *list, int count) {
    qsort(list, (size_t)count, sizeof *list, ascending);
    return (list[(count - 1) / 2] + list[count / 2]) / 2;
}

static void expect(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "pool: %s\n", what);
        exit(1);
    }
}

// lua_tostring converts a number on the stack to a string; here it is only used for errors.
static void check(lua_State *L, int status) {
    if (status != LUA_OK) {
        expect(0, lua_tostring(L, -1));
    }
}

// --- A number that one thread sets and another waits for -----------------------------------------

struct flag {
    atomic_int value;
    atomic_int sleepers;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
};

static void set(struct flag *flag, int value) {
    atomic_store(&flag->value, value);
    if (atomic_load(&flag->sleepers) > 0) {
        pthread_mutex_lock(&flag->mutex);
        pthread_cond_broadcast(&flag->changed);
        pthread_mutex_unlock(&flag->mutex);
    }
}

// Spins for longer than a wake-up takes before it sleeps, and yields the processor meanwhile.
static void await(struct flag *flag, int value) {
    for (int i = 0; i < 2000; i++) {
        if (atomic_load(&flag->value) == value) {
            return;
        }
        if (i > 1000) {
            sched_yield();
        }
    }
    pthread_mutex_lock(&flag->mutex);
    atomic_fetch_add(&flag->sleepers, 1);
    while (atomic_load(&flag->value) != value) {
        pthread_cond_wait(&flag->changed, &flag->mutex);
    }
    atomic_fetch_sub(&flag->sleepers, 1);
    pthread_mutex_unlock(&flag->mutex);
}

// --- A pool: every worker does its job with its own state ----------------------------------------

typedef void job(lua_State *L, void *argument);

struct worker {
    pthread_t thread;
    lua_State *L;
    struct flag busy;
    job *job;
    void *argument;
};

static lua_State *new_state(void) {
    lua_State *L = luaL_newstate();
    expect(L != NULL, "no memory");
    luaL_openlibs(L);
    // The task, which stays at index 1.
    check(L, luaL_dostring(L, "return function(x) return x end"));
    return L;
}

static void *work(void *argument) {
    struct worker *worker = argument;
    worker->L = new_state();
    for (;;) {
        await(&worker->busy, 1);
        if (worker->job == NULL) {
            break;
        }
        worker->job(worker->L, worker->argument);
        set(&worker->busy, 0);
    }
    lua_close(worker->L);
    return NULL;
}

static void open_pool(struct worker *pool, int count) {
    for (int i = 0; i < count; i++) {
        memset(&pool[i], 0, sizeof pool[i]);
        pthread_mutex_init(&pool[i].busy.mutex, NULL);
        pthread_cond_init(&pool[i].busy.changed, NULL);
        expect(pthread_create(&pool[i].thread, NULL, work, &pool[i]) == 0, "no thread");
    }
}

static void begin(struct worker *worker, job *job, void *argument) {
    worker->job = job;
    worker->argument = argument;
    set(&worker->busy, 1);
}

static void finish(struct worker *worker) { await(&worker->busy, 0); }

static void close_pool(struct worker *pool, int count) {
    for (int i = 0; i < count; i++) {
        begin(&pool[i], NULL, NULL);
    }
    for (int i = 0; i < count; i++) {
        pthread_join(pool[i].thread, NULL);
    }
}

// --- singles, chunks: each worker takes the next elements, one or several at a time --------------

struct tasks {
    lua_Integer *items, *results;
    int count, chunk;
    _Alignas(64) atomic_int next;
};

static void take_tasks(lua_State *L, void *argument) {
    struct tasks *tasks = argument;
    int first;
    while ((first = atomic_fetch_add(&tasks->next, tasks->chunk)) < tasks->count) {
        for (int i = first; i < first + tasks->chunk && i < tasks->count; i++) {
            lua_pushvalue(L, 1);
            lua_pushinteger(L, tasks->items[i]);
            check(L, lua_pcall(L, 1, 1, 0));
            tasks->results[i] = lua_tointeger(L, -1);
            lua_pop(L, 1);
        }
    }
}

// Maps the list at index 2 to another at index 3.
static void map(lua_State *L, struct worker *pool, struct tasks *tasks) {
    for (int i = 0; i < tasks->count; i++) {
        lua_rawgeti(L, 2, i + 1);
        tasks->items[i] = lua_tointeger(L, -1);
        lua_pop(L, 1);
    }
    atomic_store(&tasks->next, 0);
    for (int i = 0; i < 2; i++) {
        begin(&pool[i], take_tasks, tasks);
    }
    for (int i = 0; i < 2; i++) {
        finish(&pool[i]);
    }
    lua_createtable(L, tasks->count, 0);
    for (int i = 0; i < tasks->count; i++) {
        lua_pushinteger(L, tasks->results[i]);
        lua_rawseti(L, 3, i + 1);
    }
}

static double rate(int chunk) {
    enum { count = 200000, rounds = 5 };
    static lua_Integer items[count], results[count];
    struct tasks tasks = {items, results, count, chunk, 0};
    struct worker pool[2];
    double took[rounds + 1];

    lua_State *L = new_state();
    lua_createtable(L, count, 0);
    for (int i = 1; i <= count; i++) {
        lua_pushinteger(L, i);
        lua_rawseti(L, 2, i);
    }
    open_pool(pool, 2);
    for (int round = 0; round <= rounds; round++) {
        lua_gc(L, LUA_GCCOLLECT);
        double began = now();
        map(L, pool, &tasks);
        took[round] = now() - began;
        expect(lua_rawgeti(L, 3, count) == LUA_TNUMBER && lua_tointeger(L, -1) == count,
               "a result is wrong");
        lua_settop(L, 2);
    }
    close_pool(pool, 2);
    lua_close(L);
    return count / 1e3 / median(took + 1, rounds);
}

static double singles(void) { return rate(1); }

// The chunk size of multiprocessing.Pool: four chunks for each worker.
static double chunks(void) { return rate(200000 / 8); }

// --- task, start: a single task -----------------------------------------------------------------

static void one_task(lua_State *L, void *argument) {
    lua_Integer *x = argument;
    lua_pushvalue(L, 1);
    lua_pushinteger(L, *x);
    check(L, lua_pcall(L, 1, 1, 0));
    *x = lua_tointeger(L, -1);
    lua_pop(L, 1);
}

static void apply(struct worker *worker, lua_Integer x) {
    lua_Integer value = x;
    begin(worker, one_task, &value);
    finish(worker);
    expect(value == x, "the result is wrong");
}

static double task(void) {
    enum { rounds = 20000, warm_ups = 500 };
    static double took[rounds];
    struct worker pool[2];
    open_pool(pool, 2);
    for (int round = -warm_ups; round < rounds; round++) {
        double began = now();
        apply(&pool[0], round);
        if (round >= 0) {
            took[round] = now() - began;
        }
    }
    close_pool(pool, 2);
    return median(took, rounds) * 1e6;
}

static double start(void) {
    enum { rounds = 200 };
    double took[rounds + 1];
    struct worker pool[2];
    for (int round = 0; round <= rounds; round++) {
        double began = now();
        open_pool(pool, 2);
        apply(&pool[0], round);
        took[round] = now() - began;
        close_pool(pool, 2);
    }
    return median(took + 1, rounds) * 1e3;
}

// --- list, string: a value on top of one state, copied to the top of another ---------------------

static void copy_list(lua_State *from, lua_State *to) {
    lua_Integer count = (lua_Integer)lua_rawlen(from, -1);
    lua_createtable(to, (int)count, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        expect(lua_rawgeti(from, -1, i) == LUA_TNUMBER, "not a number");
        if (lua_isinteger(from, -1)) {
            lua_pushinteger(to, lua_tointeger(from, -1));
        } else {
            lua_pushnumber(to, lua_tonumber(from, -1));
        }
        lua_pop(from, 1);
        lua_rawseti(to, -2, i);
    }
}

static void copy_string(lua_State *from, lua_State *to) {
    size_t length;
    const char *text = lua_tolstring(from, -1, &length);
    lua_pushlstring(to, text, length);
}

struct journey {
    void (*copy)(lua_State *from, lua_State *to);
    lua_State *from;
};

// Copies the value, calls the task with it, and leaves the result on top.
static void receive(lua_State *L, void *argument) {
    struct journey *journey = argument;
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    journey->copy(journey->from, L);
    check(L, lua_pcall(L, 1, 1, 0));
}

static double there_and_back(lua_State *L, struct journey journey) {
    enum { rounds = 7 };
    double took[rounds + 1];
    struct worker pool[2];
    size_t length = lua_rawlen(L, -1);
    open_pool(pool, 2);
    for (int round = 0; round <= rounds; round++) {
        lua_gc(L, LUA_GCCOLLECT);
        double began = now();
        begin(&pool[0], receive, &journey);
        finish(&pool[0]);
        journey.copy(pool[0].L, L);
        took[round] = now() - began;
        expect(lua_rawlen(L, -1) == length, "another length came back");
        lua_pop(L, 1);
    }
    close_pool(pool, 2);
    lua_close(L);
    return median(took + 1, rounds) * 1e3;
}

static double list(void) {
    lua_State *L = new_state();
    check(L, luaL_dostring(L, "local list = {}\n"
                              "for i = 1, 1000000 do list[i] = i * 0.5 end\n"
                              "return list"));
    return there_and_back(L, (struct journey){copy_list, L});
}

static double string(void) {
    lua_State *L = new_state();
    check(L, luaL_dostring(L, "return ('x'):rep(100 << 20)"));
    return there_and_back(L, (struct journey){copy_string, L});
}

// --- memory: the growth of the process -----------------------------------------------------------

static double proportional_set_size(void) {
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    char line[256];
    long kibibytes = -1;
    expect(file != NULL, "there is no /proc/self/smaps_rollup");
    while (kibibytes < 0 && fgets(line, sizeof line, file) != NULL) {
        sscanf(line, "Pss: %ld kB", &kibibytes);
    }
    fclose(file);
    expect(kibibytes >= 0, "there is no Pss in /proc/self/smaps_rollup");
    return (double)kibibytes / 1024;
}

static double memory(void) {
    struct worker pool[most_workers];
    double before = proportional_set_size();
    open_pool(pool, most_workers);
    for (int i = 0; i < most_workers; i++) {
        apply(&pool[i], i);
    }
    double grown = proportional_set_size() - before;
    close_pool(pool, most_workers);
    return grown / most_workers;
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        double (*measure)(void);
    } workloads[] = {
        {"singles", singles}, {"chunks", chunks}, {"task", task},     {"start", start},
        {"list", list},       {"string", string}, {"memory", memory},
    };
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++) {
        if (argc == 2 && strcmp(argv[1], workloads[i].name) == 0) {
            printf("%s\t%.6g\n", argv[1], workloads[i].measure());
            return 0;
        }
    }
    fprintf(stderr, "usage: pool singles|chunks|task|start|list|string|memory\n");
    return 2;
}
