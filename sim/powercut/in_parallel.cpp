#include "sim/powercut/in_parallel.hpp"

#include <exception>
#include <mutex>
#include <thread>

#include "ports/host/openssl_crypto.hpp"

namespace sb::sim {

namespace {

/// Stretches that each thread gets of a life on the average: they take unequal time.
constexpr unsigned stretches_a_thread = 2;

class Team {
public:
    Team(const BoardSpec& spec, const BoardIdentity& identity, const Cast& cast, std::span<const LifeOptions> lives,
         unsigned threads, const std::function<void(std::uint64_t)>& on_progress)
        : spec_(spec),
          identity_(identity),
          cast_(cast),
          lives_(lives),
          parts_(threads == 1 ? 1 : threads * stretches_a_thread),
          on_progress_(on_progress),
          reports_(lives.size()),
          done_(lives.size() * parts_) {}

    std::vector<LifeReport> work(unsigned threads) {
        {
            std::vector<std::jthread> others;
            for (unsigned i = 1; i < threads; ++i) others.emplace_back([this] { take_turns(); });
            take_turns();
        }
        if (failure_) std::rethrow_exception(failure_);
        return std::move(reports_);
    }

private:
    void take_turns() {
        for (std::optional<std::size_t> stretch = next(); stretch; stretch = next()) {
            try {
                tell(*stretch);
            } catch (...) {
                const std::scoped_lock lock(mutex_);
                if (!failure_) failure_ = std::current_exception();
                stopped_ = true;
            }
        }
    }
    std::optional<std::size_t> next() {
        const std::scoped_lock lock(mutex_);
        if (stopped_ || next_ == done_.size()) return std::nullopt;
        return next_++;
    }
    void tell(std::size_t stretch) {
        LifeOptions options = lives_[stretch / parts_];
        options.part = static_cast<std::uint32_t>(stretch % parts_);
        options.parts = parts_;
        options.on_progress = [&](std::uint64_t part) { progress(stretch, part); };
        OpensslCrypto crypto;
        const LifeReport report = check(spec_, identity_, cast_, crypto, options);
        const std::scoped_lock lock(mutex_);
        reports_[stretch / parts_].add(report);
        stopped_ = stopped_ || report.dead != 0;
    }
    void progress(std::size_t stretch, std::uint64_t part) {
        if (!on_progress_) return;
        const std::scoped_lock lock(mutex_);
        sum_ += part - done_[stretch];
        done_[stretch] = part;
        on_progress_(sum_ / done_.size());
    }

    const BoardSpec& spec_;
    const BoardIdentity& identity_;
    const Cast& cast_;
    std::span<const LifeOptions> lives_;
    std::uint32_t parts_;
    const std::function<void(std::uint64_t)>& on_progress_;
    std::mutex mutex_;
    std::vector<LifeReport> reports_;
    std::vector<std::uint64_t> done_;  // of each stretch, in parts of a thousand
    std::uint64_t sum_ = 0;
    std::size_t next_ = 0;
    std::exception_ptr failure_;
    bool stopped_ = false;
};

}  // namespace

std::vector<LifeReport> check_in_parallel(const BoardSpec& spec, const BoardIdentity& identity, const Cast& cast,
                                          std::span<const LifeOptions> lives, unsigned threads,
                                          const std::function<void(std::uint64_t)>& on_progress) {
    return Team(spec, identity, cast, lives, threads, on_progress).work(threads);
}

}  // namespace sb::sim
