package dev.firn.walquorum.node;

import dev.firn.walquorum.wire.MessageVerdict;
import java.util.List;
import java.util.Map;

/**
 * A WAL node at one moment. Counts are since its start.
 *
 * @param logs all logs on its disk, in the order of their ids.
 * @param messages what became of the messages that came, by verdict.
 * @param strayMessages messages for an acceptor that is not here.
 */
public record WalNodeStatus(
        int nodeId, long epochNs, List<LogStatus> logs, Map<MessageVerdict, Long> messages, long strayMessages) {}
