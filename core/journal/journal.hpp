// core/journal: boot state that survives any power cut. Each record is the whole state on granules that this
// session erased itself; four pages take turns; the newest valid record wins. The rules and what is known of them
// stand in docs/power.md.
//
//   Journal j(map.journal);
//   auto opened = j.open();                 // reads only
//   if (!j.sealed()) j.commit(j.state());   // an unproven state is written again before anything leans on it
//   j.commit(next);                         // returns when the state cannot be lost any more
//   j.append(progress);                     // one record: cheap, may be lost by a cut, never contradicts a commit
#pragma once

#include "core/journal/basic_journal.hpp"

namespace sb {

extern template class BasicJournal<JournalRules>;

/// open, state, sealed, commit, append: see basic_journal.hpp. About 250 bytes; below 1 KB of stack.
class Journal final : public BasicJournal<JournalRules> {
public:
    using BasicJournal::BasicJournal;
};

}  // namespace sb
