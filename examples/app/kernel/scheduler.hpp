// A cooperative scheduler: tasks are functions that return soon; the one that is longest overdue runs next.
// Time is a 32-bit count of milliseconds that may wrap (after 49 days): only differences are compared.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace app {

using Milliseconds = std::uint32_t;

/// Has `deadline` come at `now`? Right across the wrap for spans below 24 days.
[[nodiscard]] constexpr bool is_due(Milliseconds now, Milliseconds deadline) {
    return static_cast<std::int32_t>(now - deadline) >= 0;
}

class Scheduler {
public:
    using Function = void (*)(void* context, Milliseconds now);
    using TaskId = std::uint8_t;
    static constexpr std::size_t max_tasks = 14;

    struct Task {
        std::string_view name;
        Function function = nullptr;
        void* context = nullptr;
        Milliseconds period = 0;  ///< 0: once
        Milliseconds due = 0;
        Milliseconds worst_lateness = 0;
        std::uint32_t runs = 0;
        std::uint32_t missed = 0;  ///< whole periods that were skipped because something else took too long
        bool active = false;
    };

    /// Runs `function` each `period`, first at now + period. Nothing when the table is full or period is 0.
    std::optional<TaskId> every(std::string_view name, Milliseconds period, Milliseconds now, Function function,
                                void* context);
    /// Runs `function` once, at now + delay. Nothing when the table is full.
    std::optional<TaskId> after(std::string_view name, Milliseconds delay, Milliseconds now, Function function,
                                void* context);
    void cancel(TaskId id);

    /// Runs the task that is longest overdue. False when none is due.
    bool run_one(Milliseconds now);

    /// Until the next task is due; 0 when one is due already, `limit` when none comes sooner.
    [[nodiscard]] Milliseconds until_next(Milliseconds now, Milliseconds limit) const;

    [[nodiscard]] const std::array<Task, max_tasks>& tasks() const { return tasks_; }

private:
    std::optional<TaskId> add(const Task& task);
    void plan_next(Task& task, Milliseconds now);

    std::array<Task, max_tasks> tasks_{};
};

}  // namespace app
