// SPDX-License-Identifier: BSD-3-Clause
//
// The bridge's calls in C, on the Lua library: the reference for main.swift. Prints lines
// name<TAB>nanoseconds-per-call, the median of several rounds. The loop around the calls is part of
// the figure on both sides.

#define _GNU_SOURCE
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { calls = 10000000, rounds = 5 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(const char *name, double *nanoseconds) {
    qsort(nanoseconds, rounds, sizeof *nanoseconds, ascending);
    printf("%s\t%.3f\n", name, nanoseconds[rounds / 2] / calls);
}

static void check(lua_State *L, int status) {
    if (status != LUA_OK) {
        fprintf(stderr, "peer: %s\n", lua_tostring(L, -1));
        exit(1);
    }
}

static int add(lua_State *L) {
    int a_is_integer, b_is_integer;
    lua_Integer a = lua_tointegerx(L, 1, &a_is_integer);
    lua_Integer b = lua_tointegerx(L, 2, &b_is_integer);
    if (!a_is_integer || !b_is_integer) {
        return luaL_error(L, "add: two integers expected");
    }
    lua_pushinteger(L, a + b);
    return 1;
}

static void call_c_function_from_lua(lua_State *L) {
    double took[rounds];
    lua_pushcfunction(L, add);
    lua_setglobal(L, "add");
    check(L, luaL_loadstring(L, "local add, n = add, ...\n"
                                "local sum = 0\n"
                                "for i = 1, n do sum = add(sum, i) end\n"
                                "return sum"));
    for (int round = 0; round < rounds; round++) {
        lua_pushvalue(L, -1);
        lua_pushinteger(L, calls);
        double began = now();
        check(L, lua_pcall(L, 1, 1, 0));
        took[round] = now() - began;
        if (lua_tointeger(L, -1) != (lua_Integer)calls * (calls + 1LL) / 2) {
            fprintf(stderr, "peer: the sum is wrong\n");
            exit(1);
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    report("call_c_function_from_lua", took);
}

static void pcall_lua_from_c(lua_State *L) {
    double took[rounds];
    check(L, luaL_dostring(L, "return function(a) return a + 1 end"));
    for (int round = 0; round < rounds; round++) {
        lua_Integer value = 0;
        double began = now();
        for (int i = 0; i < calls; i++) {
            lua_pushvalue(L, -1);
            lua_pushinteger(L, value);
            check(L, lua_pcall(L, 1, 1, 0));
            value = lua_tointegerx(L, -1, NULL);
            lua_pop(L, 1);
        }
        took[round] = now() - began;
        if (value != calls) {
            fprintf(stderr, "peer: the count is wrong\n");
            exit(1);
        }
    }
    lua_pop(L, 1);
    report("pcall_lua_from_c", took);
}

int main(void) {
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    call_c_function_from_lua(L);
    pcall_lua_from_c(L);
    lua_close(L);
    return 0;
}
