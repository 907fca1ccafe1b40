------------------------------- MODULE Quorum -------------------------------
(***************************************************************************)
(* The quorum WAL of Firn: proposers that win terms from acceptors, hand   *)
(* them the history of the log that they continue, and append.             *)
(*                                                                         *)
(* The same transitions as the classes Acceptor, Proposer, Membership and  *)
(* TermHistory; each action names the method that it states.               *)
(*                                                                         *)
(* Messages are never taken off the network: one that was sent may arrive  *)
(* at any time, again and again, or never.  So loss, duplication, delay    *)
(* and reordering are in the model.  Writes to disk are atomic: a crash    *)
(* before one is a message that did not come, one after it an answer that  *)
(* was lost.                                                               *)
(***************************************************************************)
EXTENDS Naturals, Integers, Sequences, FiniteSets

CONSTANTS
    Acceptors,      \* ids of disks, not of machines
    Candidates,     \* names: a proposer that is started again has a new one
    InitialMembers, \* generation 1
    MaxTerm, MaxEntries, MaxGeneration

None == "none"
Terms == 1..MaxTerm

(* A log is a sequence of the terms that wrote its entries: who wrote an   *)
(* entry decides what is in it, because a term has one proposer.  An LSN   *)
(* is a number of entries.                                                 *)
Log == UNION {[1..n -> Terms] : n \in 0..MaxEntries}

(* A history: terms in rising order, each with the LSN where it begins.    *)
Entry(t, s) == [term |-> t, start |-> s]

LastTerm(h) == IF h = <<>> THEN 0 ELSE h[Len(h)].term

(* The term that a log of this history has reached when it ends here.      *)
LastTermAt(h, end) ==
    LET reached == {i \in 1..Len(h) : h[i].start <= end}
    IN IF reached = {} THEN 0
       ELSE h[CHOOSE i \in reached : \A j \in reached : j <= i].term

CutAfter(h, end) == SelectSeq(h, LAMBDA e : e.start <= end)

(* A term that wrote nothing leaves no trace.                              *)
Add(h, t, s) ==
    IF h # <<>> /\ h[Len(h)].start = s
    THEN [h EXCEPT ![Len(h)] = Entry(t, s)]
    ELSE Append(h, Entry(t, s))

Min(S) == CHOOSE x \in S : \A y \in S : x <= y
Max(S) == CHOOSE x \in S : \A y \in S : x >= y

(* Up to where two logs hold the same entries, by their histories alone.   *)
CommonEnd(h1, end1, h2) ==
    LET same == Max({n \in 0..Min({Len(h1), Len(h2)}) :
                        \A i \in 1..n : h1[i] = h2[i]})
    IN Min({end1}
           \cup (IF same < Len(h1) THEN {h1[same + 1].start} ELSE {})
           \cup (IF same < Len(h2) THEN {h2[same + 1].start} ELSE {}))

(* A membership: a generation, its members, and those before while it is   *)
(* transitional.                                                           *)
Settled(g, m) == [gen |-> g, members |-> m, previous |-> {}]
NoMembership == Settled(0, {})

IsMajority(S, of) == 2 * Cardinality(S \cap of) > Cardinality(of)
IsQuorum(S, m) ==
    /\ IsMajority(S, m.members)
    /\ m.previous # {} => IsMajority(S, m.previous)

VARIABLES
    \* of each acceptor, on its disk
    promised, candidate, membership, followed, history, log,
    \* of each acceptor, in its memory
    shown,
    \* of each candidate
    state, term, itsMembership, votes, itsHistory, start, written,
    follows, commit,
    \* the network
    messages,
    \* what was ever committed, for the promises below
    committed

acceptorVars == <<promised, candidate, membership, followed, history, log, shown>>
proposerVars == <<state, term, itsMembership, votes, itsHistory, start,
                  written, follows, commit>>
vars == <<acceptorVars, proposerVars, messages, committed>>

Send(m) == messages' = messages \cup {m}

Init ==
    /\ promised = [a \in Acceptors |-> 0]
    /\ candidate = [a \in Acceptors |-> None]
    /\ membership = [a \in Acceptors |-> NoMembership]
    /\ followed = [a \in Acceptors |-> 0]
    /\ history = [a \in Acceptors |-> <<>>]
    /\ log = [a \in Acceptors |-> <<>>]
    /\ shown = [a \in Acceptors |-> 0]
    /\ state = [c \in Candidates |-> "idle"]
    /\ term = [c \in Candidates |-> 0]
    /\ itsMembership = [c \in Candidates |-> Settled(1, InitialMembers)]
    /\ votes = [c \in Candidates |-> {}]
    /\ itsHistory = [c \in Candidates |-> <<>>]
    /\ start = [c \in Candidates |-> 0]
    /\ written = [c \in Candidates |-> 0]
    /\ follows = [c \in Candidates |-> [a \in Acceptors |-> -1]]
    /\ commit = [c \in Candidates |-> 0]
    /\ messages = {}
    /\ committed = <<>>

(***************************************************************************)
(* Proposers                                                               *)
(***************************************************************************)

(* Proposer.campaign, beginCampaign                                        *)
Campaign(c) ==
    /\ state[c] \in {"idle", "campaigning"}
    /\ \E t \in Terms :
        /\ t > term[c]
        /\ term' = [term EXCEPT ![c] = t]
        /\ Send([kind |-> "voteRequest", term |-> t, from |-> c,
                 membership |-> itsMembership[c]])
    /\ state' = [state EXCEPT ![c] = "campaigning"]
    /\ votes' = [votes EXCEPT ![c] = {}]
    /\ UNCHANGED <<acceptorVars, itsMembership, itsHistory, start, written,
                   follows, commit, committed>>

(* Proposer.onVote, of a higher generation than its own                    *)
LearnMembership(c, m) ==
    /\ state[c] = "campaigning"
    /\ m \in messages /\ m.kind = "vote"
    /\ m.membership.gen > itsMembership[c].gen
    /\ itsMembership' = [itsMembership EXCEPT ![c] = m.membership]
    /\ state' = [state EXCEPT ![c] = "idle"]
    /\ UNCHANGED <<acceptorVars, term, votes, itsHistory, start, written,
                   follows, commit, messages, committed>>

(* Proposer.onVote: for its name and its term, once from each              *)
TakeVote(c, m) ==
    /\ state[c] = "campaigning"
    /\ m \in messages /\ m.kind = "vote" /\ m.granted
    /\ m.to = c /\ m.term = term[c]
    /\ m.membership.gen <= itsMembership[c].gen
    /\ \A v \in votes[c] : v.from # m.from
    /\ votes' = [votes EXCEPT ![c] = @ \cup {m}]
    /\ UNCHANGED <<acceptorVars, state, term, itsMembership, itsHistory, start,
                   written, follows, commit, messages, committed>>

(* Proposer.beginTerm: it goes on with the longest log of the highest term *)
(* that a log among its votes has reached.                                 *)
BeginTerm(c) ==
    /\ state[c] = "campaigning"
    /\ IsQuorum({v.from : v \in votes[c]}, itsMembership[c])
    /\ LET Reached(v) == LastTermAt(v.history, v.flushed)
           best == CHOOSE v \in votes[c] : \A w \in votes[c] :
                      \/ Reached(v) > Reached(w)
                      \/ Reached(v) = Reached(w) /\ v.flushed >= w.flushed
           own == Add(CutAfter(best.history, best.flushed), term[c], best.flushed)
       IN /\ itsHistory' = [itsHistory EXCEPT ![c] = own]
          /\ start' = [start EXCEPT ![c] = best.flushed]
          /\ written' = [written EXCEPT ![c] = best.flushed]
          /\ Send([kind |-> "termStart", from |-> c, history |-> own,
                   membership |-> itsMembership[c]])
    /\ state' = [state EXCEPT ![c] = "starting"]
    /\ UNCHANGED <<acceptorVars, term, itsMembership, votes, follows, commit,
                   committed>>

Reigns(c) == state[c] \in {"starting", "leading"}

(* Proposer.onWalAvailable                                                 *)
Write(c) ==
    /\ Reigns(c)
    /\ written[c] < MaxEntries
    /\ written' = [written EXCEPT ![c] = @ + 1]
    /\ Send([kind |-> "append", term |-> term[c], lsn |-> written[c]])
    /\ UNCHANGED <<acceptorVars, state, term, itsMembership, votes, itsHistory,
                   start, follows, commit, committed>>

(* Proposer.onTermAccepted and onAppended                                  *)
HearProgress(c, m) ==
    /\ Reigns(c)
    /\ m \in messages /\ m.kind = "progress" /\ m.term = term[c]
    /\ m.flushed > follows[c][m.from]
    /\ follows' = [follows EXCEPT ![c][m.from] = m.flushed]
    /\ UNCHANGED <<acceptorVars, state, term, itsMembership, votes, itsHistory,
                   start, written, commit, messages, committed>>

(* Proposer.commit: entries of older terms count only with the start of    *)
(* its own, which every acceptor that follows has taken on durably.        *)
Commit(c) ==
    /\ Reigns(c)
    /\ \E n \in start[c]..written[c] :
        /\ n > commit[c] \/ state[c] = "starting"
        /\ IsQuorum({a \in Acceptors : follows[c][a] >= n}, itsMembership[c])
        /\ commit' = [commit EXCEPT ![c] = n]
        /\ Send([kind |-> "commit", term |-> term[c], lsn |-> n])
        /\ \E a \in Acceptors :
            /\ follows[c][a] >= n
            /\ committed' = IF n > Len(committed)
                            THEN SubSeq(log[a], 1, n) ELSE committed
    /\ state' = [state EXCEPT ![c] = "leading"]
    /\ UNCHANGED <<acceptorVars, term, itsMembership, votes, itsHistory, start,
                   written, follows>>

(* Proposer.changeMembership: through a transitional generation, each step *)
(* by a new term.                                                          *)
ChangeMembership(c) ==
    /\ state[c] = "leading"
    /\ itsMembership[c].gen < MaxGeneration
    /\ \E m \in SUBSET Acceptors :
        /\ m # {}
        /\ itsMembership' = [itsMembership EXCEPT ![c] =
             IF itsMembership[c].previous # {}
             THEN Settled(@.gen + 1, @.members)
             ELSE [gen |-> @.gen + 1, members |-> m, previous |-> @.members]]
    /\ state' = [state EXCEPT ![c] = "idle"]
    /\ votes' = [votes EXCEPT ![c] = {}]
    /\ follows' = [follows EXCEPT ![c] = [a \in Acceptors |-> -1]]
    /\ UNCHANGED <<acceptorVars, term, itsHistory, start, written, commit,
                   messages, committed>>

(***************************************************************************)
(* Acceptors                                                               *)
(***************************************************************************)

(* Acceptor.onVoteRequest: promise, then vote                              *)
VoteFor(a, m) ==
    /\ m \in messages /\ m.kind = "voteRequest"
    /\ m.membership.gen >= membership[a].gen
    /\ \/ m.term > promised[a]
       \/ m.term = promised[a] /\ m.from = candidate[a]
    /\ promised' = [promised EXCEPT ![a] = m.term]
    /\ candidate' = [candidate EXCEPT ![a] = m.from]
    /\ membership' = [membership EXCEPT ![a] = m.membership]
    /\ Send([kind |-> "vote", from |-> a, to |-> m.from, term |-> m.term,
             granted |-> TRUE, flushed |-> Len(log[a]),
             history |-> history[a], membership |-> m.membership])
    /\ UNCHANGED <<followed, history, log, shown, proposerVars, committed>>

(* Acceptor.onVoteRequest and onTermStart, refused: tells what it knows    *)
Refuse(a, m) ==
    /\ m \in messages /\ m.kind = "voteRequest"
    /\ \/ m.membership.gen < membership[a].gen
       \/ m.term < promised[a]
       \/ m.term = promised[a] /\ m.from # candidate[a]
    /\ Send([kind |-> "vote", from |-> a, to |-> m.from, term |-> m.term,
             granted |-> FALSE, flushed |-> Len(log[a]),
             history |-> history[a], membership |-> membership[a]])
    /\ UNCHANGED <<acceptorVars, proposerVars, committed>>

(* Acceptor.onTermStart, of a term that it did not promise itself to       *)
PromiseLate(a, m) ==
    /\ m \in messages /\ m.kind = "termStart"
    /\ m.membership.gen >= membership[a].gen
    /\ \/ LastTerm(m.history) > promised[a]
       \/ /\ LastTerm(m.history) = promised[a]
          /\ m.membership.gen > membership[a].gen
    /\ promised' = [promised EXCEPT ![a] = LastTerm(m.history)]
    /\ candidate' = [candidate EXCEPT ![a] = m.from]
    /\ membership' = [membership EXCEPT ![a] = m.membership]
    /\ UNCHANGED <<followed, history, log, shown, proposerVars, messages, committed>>

(* Acceptor.follow: its log is cut off where the two part                  *)
Follow(a, m) ==
    /\ m \in messages /\ m.kind = "termStart"
    /\ m.membership.gen = membership[a].gen
    /\ LastTerm(m.history) = promised[a]
    /\ followed[a] < promised[a]
    /\ LET end == CommonEnd(history[a], Len(log[a]), m.history)
       IN /\ log' = [log EXCEPT ![a] = SubSeq(@, 1, end)]
          /\ Send([kind |-> "progress", from |-> a, term |-> promised[a],
                   flushed |-> end])
    /\ history' = [history EXCEPT ![a] = m.history]
    /\ followed' = [followed EXCEPT ![a] = promised[a]]
    /\ UNCHANGED <<promised, candidate, membership, shown, proposerVars, committed>>

(* Acceptor.onAppend                                                       *)
Take(a, m) ==
    /\ m \in messages /\ m.kind = "append"
    /\ m.term = promised[a] /\ m.term = followed[a]
    /\ m.lsn = Len(log[a])
    /\ log' = [log EXCEPT ![a] = Append(@, m.term)]
    /\ Send([kind |-> "progress", from |-> a, term |-> m.term, flushed |-> m.lsn + 1])
    /\ UNCHANGED <<promised, candidate, membership, followed, history, shown,
                   proposerVars, committed>>

(* Acceptor.onFetch and onFetched: from a peer that follows the same term  *)
Fetch(a, b) ==
    /\ a # b
    /\ followed[a] = promised[a] /\ followed[b] = followed[a] /\ followed[a] > 0
    /\ Len(log[b]) > Len(log[a])
    /\ log' = [log EXCEPT ![a] = log[b]]
    /\ Send([kind |-> "progress", from |-> a, term |-> followed[a],
             flushed |-> Len(log[b])])
    /\ UNCHANGED <<promised, candidate, membership, followed, history, shown,
                   proposerVars, committed>>

(* Acceptor.onAppend: what its proposer says is committed                  *)
HearCommit(a, m) ==
    /\ m \in messages /\ m.kind = "commit"
    /\ m.term = promised[a] /\ m.term = followed[a]
    /\ shown' = [shown EXCEPT ![a] = Max({@, Min({m.lsn, Len(log[a])})})]
    /\ UNCHANGED <<promised, candidate, membership, followed, history, log,
                   proposerVars, messages, committed>>

(* A restart: memory is gone, the disk is there                            *)
Crash(a) ==
    /\ shown' = [shown EXCEPT ![a] = 0]
    /\ UNCHANGED <<promised, candidate, membership, followed, history, log,
                   proposerVars, messages, committed>>

Next ==
    \/ \E c \in Candidates : Campaign(c) \/ BeginTerm(c) \/ Write(c) \/ Commit(c)
                             \/ ChangeMembership(c)
    \/ \E c \in Candidates, m \in messages :
            LearnMembership(c, m) \/ TakeVote(c, m) \/ HearProgress(c, m)
    \/ \E a \in Acceptors, m \in messages :
            VoteFor(a, m) \/ Refuse(a, m) \/ PromiseLate(a, m) \/ Follow(a, m)
            \/ Take(a, m) \/ HearCommit(a, m)
    \/ \E a, b \in Acceptors : Fetch(a, b)
    \/ \E a \in Acceptors : Crash(a)

Spec == Init /\ [][Next]_vars

(***************************************************************************)
(* What holds always                                                       *)
(***************************************************************************)

OneProposerOfATerm ==
    \A m1, m2 \in messages :
        (m1.kind = "termStart" /\ m2.kind = "termStart"
         /\ LastTerm(m1.history) = LastTerm(m2.history)) => m1.from = m2.from

IsPrefix(p, s) == Len(p) <= Len(s) /\ SubSeq(s, 1, Len(p)) = p

(* Logs that share a term at a position agree below.                       *)
LogMatching ==
    \A a, b \in Acceptors : \A i \in 1..Min({Len(log[a]), Len(log[b])}) :
        log[a][i] = log[b][i] => SubSeq(log[a], 1, i) = SubSeq(log[b], 1, i)

(* What an acceptor shows to readers is committed, and is what was         *)
(* committed.                                                              *)
ShownIsCommitted ==
    \A a \in Acceptors : shown[a] <= Len(committed)
        /\ SubSeq(log[a], 1, shown[a]) = SubSeq(committed, 1, shown[a])

(* Whoever says that something is committed says the same.                 *)
CommitsAgree ==
    \A c \in Candidates : Reigns(c) => \A a \in Acceptors :
        follows[c][a] >= commit[c] /\ followed[a] = term[c]
            => IsPrefix(SubSeq(log[a], 1, Min({commit[c], Len(committed)})), committed)

(* A committed entry is never lost: action property.                       *)
NothingCommittedIsLost == [][IsPrefix(committed, committed')]_committed

=============================================================================
