// SPDX-License-Identifier: BSD-3-Clause
//
// Runs tasks one after another in a Lua state: decodes the argument, calls, encodes the result.

#ifndef VTP_TASK_RUN_H
#define VTP_TASK_RUN_H

#include <CShipping.h>
#include <lua.h>

#include "CParallel.h"

typedef enum {
  VTP_CALL_ONE,     ///< f(item, extra...); its first result
  VTP_CALL_SPREAD,  ///< f(item[1], item[2], ..., extra...); its first result
  VTP_CALL_ALL,     ///< like SPREAD; all results, as an array
} vtp_call;

typedef enum {
  VTP_RUN_END,      ///< all tasks are done
  VTP_RUN_PAUSE,    ///< completed tasks can be published; call again
  VTP_RUN_STOPPED,  ///< the task at `next` and those after it are cancelled
  VTP_RUN_FAILED,   ///< the task at `next` failed; if `status` is above 0, an error value is on top
  VTP_RUN_REFUSED,  ///< its result cannot be encoded; `status` is the encoder's
} vtp_reason;

/// The phase in which a task failed.
typedef enum { VTP_DECODING, VTP_CALLING, VTP_ENCODING } vtp_phase;

typedef struct {
  vts_encoder *encoder;
  vts_decoder *decoder;
  const uint8_t *payload;
  size_t length;
  const vts_references *references;
  vtp_task *tasks;
  uint32_t next, end;   ///< the tasks to run: tasks[next] up to tasks[end - 1]
  int64_t first;        ///< the number of tasks[0]
  const int64_t *stop;  ///< tasks from this number on are cancelled
  int64_t *current;     ///< the number of the running task
  const bool *attention;  ///< set while a task runs: pause after it
  vtp_call call;
  int worker;
  vtp_phase phase;
  uint32_t group;       ///< the first task whose end is not set yet
  int status;
} vtp_run;

/// Runs tasks with the function below the `extras` values on top, which stay there. Keeps the
/// frames of an error for vtl_trace.
vtp_reason vtp_run_tasks(lua_State *L, vtp_run *run, int extras);

/// Encodes elements of the table at `list` from element `first` on, and initializes their records:
/// at most `count` elements, and no more once there are `most` bytes. Returns the number of
/// elements. If one fails, `*status` is the encoder's.
uint32_t vtp_send_list(lua_State *L, int list, lua_Integer first, uint32_t count, size_t most,
                       vts_encoder *encoder, vtp_task *tasks, int *status);
/// Moves the results of tasks[0] up to tasks[count - 1] into the table at `list`, from element
/// `first` on, as long as they are done and kept in their records. `*taken` is the number of
/// results. Returns Lua's status, with an error value on top.
int vtp_take_list(lua_State *L, int list, lua_Integer first, uint32_t count,
                  vts_decoder *decoder, const vtp_task *tasks, uint32_t *taken);

/// Receives bytes that a script writes to standard output.
typedef void (*vtp_sink)(void *context, const char *bytes, size_t length);
/// Replaces the method `write` of files: what is written to `io.stdout` goes to the sink. Returns
/// Lua's status, with an error value on top.
int vtp_capture_output(lua_State *L, vtp_sink sink, void *context);

/// Publishes tasks[from] up to tasks[to - 1] as done.
void vtp_publish(vtp_task *tasks, uint32_t from, uint32_t to, vtp_state state);

#endif
