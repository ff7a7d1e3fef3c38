// tools/cli: what `layout check` and `inspect` say of a layout.
#pragma once

#include "tools/cli/shell.hpp"
#include "tools/layout/check.hpp"
#include "tools/layout/journal_wear.hpp"

namespace sb::cli {

struct LayoutReport {
    layout::Layout layout;
    layout::Findings findings;
    layout::JournalWear wear;
};

/// What undoes an update: as programs call it, and for people.
struct WayBackWords {
    const char* name;
    const char* text;
};
[[nodiscard]] WayBackWords way_back_words(layout::WayBack way);

/// Throws Failure when the layout cannot work.
[[nodiscard]] LayoutReport examine_layout(const std::string& name);

[[nodiscard]] Json layout_json(const LayoutReport& report);
[[nodiscard]] std::string layout_text(const LayoutReport& report);

}  // namespace sb::cli
