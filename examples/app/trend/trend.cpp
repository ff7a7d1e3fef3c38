#include "trend/trend.hpp"

#include <string_view>

#include "base/math.hpp"

namespace app {

void Trend::step(const Channels& channels) {
    for (std::size_t i = 0; i < followed.size(); ++i) {
        const Reading& r = channels.reading(followed[i]);
        if (!r.valid) continue;
        Running& now = running_[i];
        if (now.count == 0 || r.value < now.least) now.least = r.value;
        if (now.count == 0 || r.value > now.most) now.most = r.value;
        now.sum += r.value;
        ++now.count;
    }
    if (++seconds_ >= bucket_seconds) {
        close_bucket();
        seconds_ = 0;
    }
}

void Trend::close_bucket() {
    for (std::size_t i = 0; i < followed.size(); ++i) {
        Running& now = running_[i];
        if (now.count > 0) {
            const auto mean = static_cast<std::int32_t>(now.sum / static_cast<std::int64_t>(now.count));
            histories_[i].push({static_cast<std::int16_t>(now.least / 10), static_cast<std::int16_t>(now.most / 10),
                                static_cast<std::int16_t>(mean / 10)});
        }
        now = Running{};
    }
}

void Trend::clear() {
    for (std::size_t i = 0; i < followed.size(); ++i) {
        running_[i] = Running{};
        histories_[i].clear();
    }
    seconds_ = 0;
}

void Trend::draw(Sink& out, std::size_t i) const {
    const ChannelInfo& info = channel_info(followed[i]);
    const auto& history = histories_[i];
    print(out, "{:10}", info.name);
    if (history.size() == 0) {
        const Running& now = running_[i];
        if (now.count == 0) {
            print(out, "nothing yet\n");
            return;
        }
        print(out, "this quarter: {:.1} to {:.1} {}\n", now.least, now.most, info.unit);
        return;
    }
    std::int32_t least = history[0].least;
    std::int32_t most = history[0].most;
    for (std::size_t b = 1; b < history.size(); ++b) {
        if (history[b].least < least) least = history[b].least;
        if (history[b].most > most) most = history[b].most;
    }
    constexpr std::string_view bars = " .:-=+*#%@";
    const std::int32_t span = most > least ? most - least : 1;
    out.put('|');
    for (std::size_t b = 0; b < history.size(); ++b) {
        const std::int32_t level =
            multiply_divide(history[b].mean - least, static_cast<std::int32_t>(bars.size()) - 1, span);
        out.put(bars[static_cast<std::size_t>(clamp(level, 0, static_cast<std::int32_t>(bars.size()) - 1))]);
    }
    print(out, "| {:.1} to {:.1} {}, last mean {:.1}\n", least * 10, most * 10, info.unit,
          history[history.size() - 1].mean * 10);
}

}  // namespace app
