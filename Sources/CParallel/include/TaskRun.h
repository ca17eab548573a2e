// SPDX-License-Identifier: BSD-3-Clause
//
// Running tasks one after another in a Lua state: decode the argument, call, encode the result.

#ifndef VTP_TASK_RUN_H
#define VTP_TASK_RUN_H

#include <CShipping.h>
#include <lua.h>

#include "CParallel.h"

typedef enum {
  VTP_CALL_ONE,     ///< f(item, extra...); its first result
  VTP_CALL_SPREAD,  ///< f(item[1], item[2], ..., extra...); its first result
  VTP_CALL_ALL,     ///< as SPREAD; all results, as an array
} vtp_call;

typedef enum {
  VTP_RUN_END,      ///< all tasks are done
  VTP_RUN_PAUSE,    ///< what is done is worth publishing; call again
  VTP_RUN_STOPPED,  ///< the task at `next` and those after it are not wanted any more
  VTP_RUN_FAILED,   ///< the task at `next` failed with `status`, which says whether an error value is on top
  VTP_RUN_REFUSED,  ///< its result cannot travel, by the encoder's `status`
} vtp_reason;

/// What a task was doing when it failed.
typedef enum { VTP_DECODING, VTP_CALLING, VTP_ENCODING } vtp_phase;

typedef struct {
  vts_encoder *encoder;
  vts_decoder *decoder;
  const uint8_t *payload;
  size_t length;
  const vts_references *references;
  vtp_task *tasks;
  uint32_t next, end;   ///< tasks[next] up to tasks[end - 1] are to be run
  int64_t first;        ///< the number of tasks[0]
  const int64_t *stop;  ///< tasks from this number on are not wanted
  int64_t *current;     ///< the number of the task that runs
  const bool *attention;  ///< set while a task runs: pause after it
  vtp_call call;
  int worker;
  vtp_phase phase;
  uint32_t group;       ///< the first task whose end was not noted yet
  int status;
} vtp_run;

/// Runs tasks with the function below the `extras` values on top, which stay there. An error's
/// frames are kept for vtl_trace.
vtp_reason vtp_run_tasks(lua_State *L, vtp_run *run, int extras);

/// Encodes elements of the table at `list`, from element `first` on, one after another: at most
/// `count`, and none more when there are `most` bytes. Makes their records, gives how many; where
/// it ends early, `*status` is the encoder's.
uint32_t vtp_send_list(lua_State *L, int list, lua_Integer first, uint32_t count, size_t most,
                       vts_encoder *encoder, vtp_task *tasks, int *status);
/// Takes the results of tasks[0] up to tasks[count - 1] into the table at `list`, from element
/// `first` on, as long as they are done and kept in their records. `*taken` is how many; the
/// result is Lua's status, with an error on top.
int vtp_take_list(lua_State *L, int list, lua_Integer first, uint32_t count,
                  vts_decoder *decoder, const vtp_task *tasks, uint32_t *taken);

/// Publishes tasks[from] up to tasks[to - 1] as done.
void vtp_publish(vtp_task *tasks, uint32_t from, uint32_t to, vtp_state state);

#endif
