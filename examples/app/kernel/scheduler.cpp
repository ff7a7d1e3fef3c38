#include "kernel/scheduler.hpp"

#include "base/release.hpp"

namespace app {

std::optional<Scheduler::TaskId> Scheduler::add(const Task& task) {
    for (std::size_t i = 0; i < max_tasks; ++i) {
        if (tasks_[i].active) continue;
        tasks_[i] = task;
        tasks_[i].active = true;
        return static_cast<TaskId>(i);
    }
    return std::nullopt;
}

std::optional<Scheduler::TaskId> Scheduler::every(std::string_view name, Milliseconds period, Milliseconds now,
                                                  Function function, void* context) {
    if (period == 0 || function == nullptr) return std::nullopt;
    Task task;
    task.name = name;
    task.function = function;
    task.context = context;
    task.period = period;
    task.due = now + period;
    return add(task);
}

std::optional<Scheduler::TaskId> Scheduler::after(std::string_view name, Milliseconds delay, Milliseconds now,
                                                  Function function, void* context) {
    if (function == nullptr) return std::nullopt;
    Task task;
    task.name = name;
    task.function = function;
    task.context = context;
    task.due = now + delay;
    return add(task);
}

void Scheduler::cancel(TaskId id) {
    if (id < max_tasks) tasks_[id].active = false;
}

void Scheduler::plan_next(Task& task, Milliseconds now) {
    if (task.period == 0) {
        task.active = false;
        return;
    }
    if constexpr (release::keeps_phase) {
        const Milliseconds skipped = (now - task.due) / task.period;
        task.missed += skipped;
        task.due += (skipped + 1) * task.period;
    } else {
        task.due = now + task.period;
    }
}

bool Scheduler::run_one(Milliseconds now) {
    Task* latest = nullptr;
    Milliseconds worst = 0;
    for (Task& task : tasks_) {
        if (!task.active || !is_due(now, task.due)) continue;
        const Milliseconds lateness = now - task.due;
        if (latest == nullptr || lateness > worst) {
            latest = &task;
            worst = lateness;
        }
    }
    if (latest == nullptr) return false;
    if (worst > latest->worst_lateness) latest->worst_lateness = worst;
    ++latest->runs;
    const Function function = latest->function;
    void* const context = latest->context;
    plan_next(*latest, now);  // before the call: a task may cancel itself or add others
    function(context, now);
    return true;
}

Milliseconds Scheduler::until_next(Milliseconds now, Milliseconds limit) const {
    Milliseconds nearest = limit;
    for (const Task& task : tasks_) {
        if (!task.active) continue;
        if (is_due(now, task.due)) return 0;
        const Milliseconds left = task.due - now;
        if (left < nearest) nearest = left;
    }
    return nearest;
}

}  // namespace app
