#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "tools/layout/layout.hpp"
#include "tools/layout/shipped.hpp"

namespace sb::layout {
namespace {

std::expected<Source, Problem> read(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    if (in) text << in.rdbuf();
    if (!in || in.bad())
        return std::unexpected(Problem{.file = file,
                                       .line = 0,
                                       .what = "cannot read the layout file",
                                       .fix = "check the path and its permissions",
                                       .cannot_read = true});
    return Source{file, text.str()};
}

}  // namespace

std::vector<std::string> shipped_names() {
    std::vector<std::string> names;
    for (const Shipped& s : shipped()) names.emplace_back(s.name);
    return names;
}

std::expected<Source, Problem> find(const std::string& name) {
    if (name.ends_with(".toml")) return read(name);
    for (const Shipped& s : shipped())
        if (s.name == name) return Source{name, std::string(s.text)};
    std::string all;
    for (const std::string& n : shipped_names()) all += (all.empty() ? "" : ", ") + n;
    return std::unexpected(Problem{.file = name,
                                   .line = 0,
                                   .what = "no layout of that name",
                                   .fix = fmt::format("choose one of {} or give FILE.toml", all)});
}

}  // namespace sb::layout
