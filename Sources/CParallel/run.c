// SPDX-License-Identifier: BSD-3-Clause
//
// The innermost loop of every worker. One protected call covers as many tasks as succeed.

#include "TaskRun.h"

#include <CLuaGuard.h>
#include <Scalar.h>
#include <Threads.h>
#include <string.h>

enum {
  PAUSE_AFTER = 100000,  ///< nanoseconds after which results are published
  SHORT_GROUP = 4000,    ///< nanoseconds of short tasks that share one reading of the clock
  LARGEST_STRIDE = 64,
};

/// Raises the error that a status of the decoder means.
static void check(lua_State *L, vtp_run *run, int status) {
  if (status == VTS_OK) return;
  if (status > 0) lua_error(L);
  if (status == VTS_NO_STACK) luaL_error(L, "stack overflow");
  if (status == VTS_NO_MEMORY) luaL_error(L, "not enough memory");
  size_t position;
  const char *what = vts_malformation(run->decoder, &position);
  luaL_error(L, "malformed bytes at %d: %s", (int)position, what);
}

/// Pushes the arguments of a task and returns their number.
static int push_arguments(lua_State *L, vtp_run *run, const vtp_task *task, int extras) {
  size_t position = task->payload;
  int count = 1;
  if (run->call == VTP_CALL_ONE &&
      vts_push_scalar(L, run->payload + position, run->payload + run->length)) {
    if (extras == 0) return 1;
  } else if (run->call == VTP_CALL_ONE)
    check(L, run, vts_decode(run->decoder, L, run->payload, run->length, &position,
                             run->references));
  else
    check(L, run, vts_decode_elements(run->decoder, L, run->payload, run->length, &position,
                                      run->references, &count));
  // Arguments 1 and 2 of this function are `run` and the task's function.
  luaL_checkstack(L, extras + 1, "too many arguments");
  for (int i = 0; i < extras; i++) lua_pushvalue(L, 3 + i);
  return count + extras;
}

/// Encodes the results above `base` and keeps them with the task; false if they cannot be encoded.
static bool keep_results(lua_State *L, vtp_run *run, vtp_task *task, int base) {
  if (run->call != VTP_CALL_ALL && (task->length = vts_put_scalar(L, -1, task->small)))
    return true;
  size_t before, after;
  vts_encoded(run->encoder, &before);
  run->status = run->call == VTP_CALL_ALL
                   ? vts_encode_elements(run->encoder, L, base + 1, lua_gettop(L) - base)
                   : vts_encode(run->encoder, L, base + 1);
  if (run->status != VTS_OK) return false;
  const uint8_t *bytes = vts_encoded(run->encoder, &after);
  size_t length = after - before;
  if (length <= VTP_SMALL && !vts_encoder_refers(run->encoder)) {
    memcpy(task->small, bytes + before, length);
    task->length = (uint8_t)length;
    vts_encoder_truncate(run->encoder, before);
  } else {
    task->length = VTP_ELSEWHERE;
    task->position = before;
  }
  return true;
}

/// Sets the end of the tasks since the last reading of the clock, and of the one that failed.
static int64_t end_group(vtp_run *run) {
  int64_t now = vty_now();
  uint32_t end = run->next < run->end ? run->next + 1 : run->end;
  for (uint32_t i = run->group; i < end; i++) run->tasks[i].ended = now;
  run->group = run->next;
  return now;
}

static int run_tasks(lua_State *L) {
  vtp_run *run = lua_touserdata(L, 1);
  // Every iteration restores the stack, so that this is enough for all.
  luaL_checkstack(L, LUA_MINSTACK, NULL);
  int base = lua_gettop(L), extras = base - 2;
  int64_t began = vty_now(), now = began;
  uint32_t stride = 1;
  bool hooked = vtl_hook_is_kept(L);
  // A task that failed or was stopped has left its hook.
  if (hooked || lua_gethook(L)) vtl_hook_restore(L);
  run->group = run->next;
  vtp_reason reason = VTP_RUN_END;
  while (run->next < run->end) {
    vtp_task *task = run->tasks + run->next;
    int64_t number = run->first + run->next;
    if (number >= vtp_load(run->stop)) {
      reason = VTP_RUN_STOPPED;
      break;
    }
    __atomic_store_n(run->current, number, __ATOMIC_RELAXED);
    task->attempts++;
    task->worker = run->worker;
    task->started = now;
    task->ended = 0;
    run->phase = VTP_DECODING;
    lua_pushvalue(L, 2);
    int arguments = push_arguments(L, run, task, extras);
    run->phase = VTP_CALLING;
    lua_call(L, arguments, run->call == VTP_CALL_ALL ? LUA_MULTRET : 1);
    // A C function runs no Lua instruction at which the stop is raised. The record may belong to
    // another worker by now.
    if (vtl_stopped() != VTL_RUNNING) luaL_error(L, "stopped");
    if (hooked || lua_gethook(L)) vtl_hook_restore(L);
    // The task may have taken the output of a program that was ended for a complete one.
    vtl_check_programs(L);
    run->phase = VTP_ENCODING;
    if (!keep_results(L, run, task, base)) {
      reason = VTP_RUN_REFUSED;
      break;
    }
    lua_settop(L, base);
    run->next++;
    // A result with references is published alone.
    bool attention = __atomic_load_n(run->attention, __ATOMIC_RELAXED) ||
                     vts_encoder_refers(run->encoder);
    if (run->next - run->group < stride && run->next < run->end && !attention) continue;

    // Reading the clock costs as much as a short task: several share one reading.
    int64_t before = now;
    uint32_t together = run->next - run->group;
    now = end_group(run);
    if (now - before > SHORT_GROUP) stride = 1;
    else if (together == stride && stride < LARGEST_STRIDE) stride *= 2;
    if (run->next < run->end && (attention || now - began > PAUSE_AFTER)) {
      reason = VTP_RUN_PAUSE;
      break;
    }
  }
  if (run->group < run->next || reason == VTP_RUN_REFUSED) end_group(run);
  lua_pushinteger(L, reason);
  return 1;
}

vtp_reason vtp_run_tasks(lua_State *L, vtp_run *run, int extras) {
  run->status = VTL_ERRSTACK;
  if (!lua_checkstack(L, extras + 3)) {
    return VTP_RUN_FAILED;
  }
  vtl_forget_programs(L);
  int function = lua_gettop(L) - extras;
  lua_pushcfunction(L, run_tasks);
  lua_pushlightuserdata(L, run);
  for (int i = 0; i <= extras; i++) lua_pushvalue(L, function + i);
  int status = vtl_call(L, extras + 2, 1);
  if (status != LUA_OK) {
    run->status = status;
    end_group(run);
    return VTP_RUN_FAILED;
  }
  vtp_reason reason = (vtp_reason)lua_tointegerx(L, -1, NULL);
  lua_settop(L, -2);
  return reason;
}

// MARK: Lists of the caller

uint32_t vtp_send_list(lua_State *L, int list, lua_Integer first, uint32_t count, size_t most,
                       vts_encoder *encoder, vtp_task *tasks, int *status) {
  *status = VTS_OK;
  size_t length;
  vts_encoded(encoder, &length);
  uint32_t made = 0;
  // A fast loop as long as all elements are scalars.
  uint8_t *room = vts_encoder_room(encoder, (size_t)count * VTS_SCALAR_SIZE);
  if (!room || !lua_checkstack(L, 1)) {
    *status = room ? VTS_NO_STACK : VTS_NO_MEMORY;
    return 0;
  }
  for (uint8_t *next = room; made < count && length < most; made++) {
    lua_rawgeti(L, list, first + made);
    unsigned written = vts_put_scalar(L, -1, next);
    lua_settop(L, -2);
    if (!written) break;
    tasks[made] = (vtp_task){.payload = (uint32_t)length};
    next += written;
    length += written;
    vts_encoder_advance(encoder, written);
  }
  while (made < count && length < most) {
    lua_rawgeti(L, list, first + made);
    *status = vts_encode(encoder, L, -1);
    if (*status > 0) return made;  // the error value lies above the element
    lua_settop(L, -2);
    if (*status != VTS_OK) return made;
    tasks[made] = (vtp_task){.payload = (uint32_t)length};
    vts_encoded(encoder, &length);
    made++;
    // An item with references ends the batch.
    if (vts_encoder_refers(encoder)) break;
  }
  return made;
}

struct taking {
  lua_Integer first;
  uint32_t count, taken;
  vts_decoder *decoder;
  const vtp_task *tasks;
};

static int take_list(lua_State *L) {
  struct taking *taking = lua_touserdata(L, 2);
  while (taking->taken < taking->count) {
    const vtp_task *task = taking->tasks + taking->taken;
    if (vtp_task_state(task) != VTP_DONE || task->length == VTP_ELSEWHERE || task->result) break;
    size_t position = 0;
    if (!vts_push_scalar(L, task->small, task->small + task->length) &&
        vts_decode(taking->decoder, L, task->small, task->length, &position, NULL) != VTS_OK)
      break;  // the caller takes it separately, and reports the error
    lua_rawseti(L, 1, taking->first + taking->taken);
    taking->taken++;
  }
  return 0;
}

int vtp_take_list(lua_State *L, int list, lua_Integer first, uint32_t count,
                  vts_decoder *decoder, const vtp_task *tasks, uint32_t *taken) {
  struct taking taking = {first, count, 0, decoder, tasks};
  *taken = 0;
  if (!lua_checkstack(L, 3)) return VTL_ERRSTACK;
  list = lua_absindex(L, list);
  lua_pushcfunction(L, take_list);
  lua_pushvalue(L, list);
  lua_pushlightuserdata(L, &taking);
  int status = lua_pcall(L, 2, 0, 0);
  *taken = taking.taken;
  return status;
}

void vtp_publish(vtp_task *tasks, uint32_t from, uint32_t to, vtp_state state) {
  for (uint32_t i = from; i < to; i++) vtp_task_publish(tasks + i, state);
}
