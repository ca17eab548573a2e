// SPDX-License-Identifier: BSD-3-Clause
//
// The filter of system calls of a sandboxed process: a program for the kernel that refuses what is in its
// lists.

#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "Sandbox.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE

// Numbers that older headers do not have; they are the same on all architectures.
enum {
  CLONE3 = 435, FCHMODAT2 = 452, SETXATTRAT = 463, REMOVEXATTRAT = 466,
  IO_URING_SETUP = 425, IO_URING_ENTER = 426, IO_URING_REGISTER = 427,
  OPEN_TREE = 428, MOVE_MOUNT = 429, FSOPEN = 430, FSCONFIG = 431, FSMOUNT = 432, FSPICK = 433,
  PIDFD_SEND_SIGNAL = 424, PIDFD_GETFD = 438, PROCESS_MADVISE = 440, MOUNT_SETATTR = 442,
  PROCESS_MRELEASE = 448, OPEN_TREE_ATTR = 467,
};

/// Calls that end the process: nothing that a workflow may do needs them.
static const int deadly[] = {
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, PIDFD_GETFD, SYS_bpf, SYS_mount,
    SYS_umount2, SYS_pivot_root, SYS_chroot, OPEN_TREE, OPEN_TREE_ATTR, MOVE_MOUNT, FSOPEN, FSCONFIG,
    FSMOUNT, FSPICK, MOUNT_SETATTR, SYS_init_module, SYS_finit_module, SYS_delete_module,
    SYS_kexec_load, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_settimeofday, SYS_clock_settime,
    SYS_sethostname, SYS_setdomainname, SYS_acct, SYS_quotactl, SYS_open_by_handle_at, SYS_syslog,
    SYS_process_madvise, PROCESS_MRELEASE,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#ifdef SYS_iopl
    SYS_iopl, SYS_ioperm,
#endif
};

/// Calls that return EPERM: libraries try some of them, and Landlock does not cover the others.
static const int refused[] = {
    SYS_setns, SYS_unshare, SYS_perf_event_open, SYS_userfaultfd, SYS_keyctl, SYS_add_key,
    SYS_request_key, SYS_personality, SYS_name_to_handle_at, IO_URING_SETUP, IO_URING_ENTER,
    IO_URING_REGISTER, SYS_fchmodat, FCHMODAT2, SYS_fchownat, SYS_setxattr, SYS_lsetxattr,
    SYS_removexattr, SYS_lremovexattr, SETXATTRAT, REMOVEXATTRAT, SYS_truncate,
#ifdef SYS_chmod
    SYS_chmod, SYS_chown, SYS_lchown, SYS_utime, SYS_utimes, SYS_futimesat,
#endif
};

/// Calls that return EPERM: what other processes of the user share by numbers, without files.
static const int of_others[] = {
    SYS_shmget, SYS_shmat, SYS_shmctl, SYS_msgget, SYS_msgsnd, SYS_msgrcv, SYS_msgctl, SYS_semget,
    SYS_semop, SYS_semtimedop, SYS_semctl, SYS_mq_open,
};

/// Calls whose first argument is a process. Without programs it must be this one: Landlock refuses
/// signals from Linux 6.12 on only.
static const int of_processes[] = {
    SYS_kill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo,
};
/// Calls whose first argument is a process, also with programs: it must be 0, this one. The limit of the
/// processor time of another process ends it.
static const int of_this_process[] = {
    SYS_prlimit64, SYS_sched_setaffinity, SYS_sched_setscheduler, SYS_sched_setparam, SYS_sched_setattr,
};
/// Calls that signal a thread, or a process by a descriptor: nothing needs them.
static const int of_threads[] = {SYS_tkill, PIDFD_SEND_SIGNAL};

static const int of_network[] = {SYS_socket, SYS_connect, SYS_bind, SYS_listen};
static const int of_programs[] = {SYS_execve, SYS_execveat};

enum { MOST = 480 };

typedef struct {
  struct sock_filter code[MOST];
  unsigned short count;
} filter;

static void add_statement(filter *f, struct sock_filter statement) {
  if (f->count < MOST) f->code[f->count++] = statement;
}

static void load(filter *f, size_t offset) {
  add_statement(f, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static void give(filter *f, uint32_t result) {
  add_statement(f, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, result));
}

/// Gives a result if the loaded word is `value`; else goes on.
static void give_if(filter *f, uint32_t value, uint32_t result) {
  add_statement(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
  give(f, result);
}

static void give_for(filter *f, const int *calls, size_t count, uint32_t result) {
  for (size_t i = 0; i < count; i++) give_if(f, (uint32_t)calls[i], result);
}

/// The offset of the lower half of an argument; both architectures are little-endian.
static size_t argument(int number) {
  return offsetof(struct seccomp_data, args) + 8 * (size_t)number;
}

/// For a call, looks at the lower half of an argument: `test` jumps over the result where it is false.
static void give_if_argument(filter *f, int call, int number, struct sock_filter test,
                             uint32_t result) {
  add_statement(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 4));
  load(f, argument(number));
  add_statement(f, test);
  give(f, result);
  load(f, offsetof(struct seccomp_data, nr));
}

/// For a call, gives a result unless the lower half of the first argument is 0 or `value`.
static void give_unless_first(filter *f, int call, uint32_t value, uint32_t result) {
  add_statement(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 5));
  load(f, argument(0));
  add_statement(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 0));
  add_statement(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0));
  give(f, result);
  load(f, offsetof(struct seccomp_data, nr));
}

#define REFUSE (SECCOMP_RET_ERRNO | EPERM)

/// For a call, refuses it unless an argument is a number below 2^32.
static void require_argument(filter *f, int call, int number, uint32_t value) {
  add_statement(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 6));
  load(f, argument(number));
  add_statement(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 2));
  load(f, argument(number) + 4);
  add_statement(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0));
  give(f, REFUSE);
  load(f, offsetof(struct seccomp_data, nr));
}

#define COUNT(list) (sizeof(list) / sizeof *(list))

static void build(filter *f, bool network, bool programs) {
  enum { NEW_SPACES = 0x7e020080, PUSH_INPUT = 0x5412, USE_CONSOLE = 0x541c, IOPRIO_OF_PROCESS = 1 };
  load(f, offsetof(struct seccomp_data, arch));
  add_statement(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
  give(f, SECCOMP_RET_KILL_PROCESS);
  load(f, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
  // The calls of the x32 interface have other numbers.
  add_statement(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1));
  give(f, SECCOMP_RET_KILL_PROCESS);
#endif
  give_for(f, deadly, COUNT(deadly), SECCOMP_RET_KILL_PROCESS);
  give_for(f, refused, COUNT(refused), REFUSE);
  give_for(f, of_others, COUNT(of_others), REFUSE);
  if (!network) give_for(f, of_network, COUNT(of_network), REFUSE);
  if (!programs) give_for(f, of_programs, COUNT(of_programs), REFUSE);
  if (!programs) {
    give_for(f, of_threads, COUNT(of_threads), REFUSE);
    for (size_t i = 0; i < COUNT(of_processes); i++)
      give_unless_first(f, of_processes[i], (uint32_t)getpid(), REFUSE);
  }
  for (size_t i = 0; i < COUNT(of_this_process); i++)
    require_argument(f, of_this_process[i], 0, 0);
  // Landlock does not cover the times of files: only those of a file that is open can be set.
  require_argument(f, SYS_utimensat, 1, 0);
  // The priority of this process only, not of a group or a user.
  require_argument(f, SYS_setpriority, 0, PRIO_PROCESS);
  require_argument(f, SYS_setpriority, 1, 0);
  require_argument(f, SYS_ioprio_set, 0, IOPRIO_OF_PROCESS);
  require_argument(f, SYS_ioprio_set, 1, 0);
  // Its flags are in memory, which a filter cannot read; the C library uses `clone` instead.
  give_if(f, CLONE3, SECCOMP_RET_ERRNO | ENOSYS);
  struct sock_filter has_spaces = BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NEW_SPACES, 0, 1);
  give_if_argument(f, SYS_clone, 0, has_spaces, REFUSE);
  struct sock_filter pushes = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PUSH_INPUT, 0, 1);
  give_if_argument(f, SYS_ioctl, 1, pushes, REFUSE);
  struct sock_filter is_console = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, USE_CONSOLE, 0, 1);
  give_if_argument(f, SYS_ioctl, 1, is_console, REFUSE);
  give(f, SECCOMP_RET_ALLOW);
}

bool vty_has_seccomp(void) { return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0; }

/// Gives up the privileges of root, but for those by which it reads and writes files of others: Landlock
/// limits these. With them it could read the environment of other processes.
static int drop_privileges(void) {
  enum { OVERRIDE_ACCESS = 1, OVERRIDE_SEARCH = 2 };
  const uint32_t kept = 1u << OVERRIDE_ACCESS | 1u << OVERRIDE_SEARCH;
  struct {
    uint32_t version;
    int process;
  } header = {0x20080522, 0};
  struct {
    uint32_t effective, permitted, inheritable;
  } sets[2];
  if (syscall(SYS_capget, &header, sets) != 0) return errno;
  for (int i = 0; i < 2; i++) {
    const uint32_t mask = i == 0 ? kept : 0;
    sets[i].effective &= mask;
    sets[i].permitted &= mask;
    sets[i].inheritable = 0;
  }
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  return syscall(SYS_capset, &header, sets) == 0 ? 0 : errno;
}

int vty_sandbox_calls(bool network, bool programs) {
  filter f = {.count = 0};
  build(&f, network, programs);
  if (f.count >= MOST) return E2BIG;
  // A dump would write the process's memory to a file.
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  // The limit of processes that programs may start. It has no effect for root.
  struct rlimit processes = {4096, 4096}, now;
  if (programs && getrlimit(RLIMIT_NPROC, &now) == 0 && now.rlim_max > processes.rlim_max)
    setrlimit(RLIMIT_NPROC, &processes);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  int error = drop_privileges();
  if (error) return error;
  struct sock_fprog program = {f.count, f.code};
  long result =
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
  return result < 0 ? errno : result > 0 ? EBUSY : 0;
}

#else

bool vty_has_seccomp(void) { return false; }
int vty_sandbox_calls(bool network, bool programs) {
  (void)network;
  (void)programs;
  return ENOSYS;
}

#endif
