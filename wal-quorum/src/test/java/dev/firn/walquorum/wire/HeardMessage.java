package dev.firn.walquorum.wire;

import dev.firn.walquorum.acceptor.Vote;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/** What a handler heard: the name of its method, and the arguments; bytes as a list, so that two can be compared. */
record HeardMessage(String method, List<Object> arguments) {
    /** A handler that keeps all that it hears. */
    static QuorumMessageHandler keeping(final List<HeardMessage> heard) {
        return (QuorumMessageHandler) Proxy.newProxyInstance(
                HeardMessage.class.getClassLoader(),
                new Class<?>[] {QuorumMessageHandler.class},
                (proxy, method, arguments) -> {
                    heard.add(of(method.getName(), arguments));
                    return null;
                });
    }

    private static HeardMessage of(final String method, final Object[] arguments) {
        final List<Object> kept = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i] instanceof final DirectBuffer buffer) {
                final byte[] bytes = new byte[(int) arguments[i + 2]];
                buffer.getBytes((int) arguments[i + 1], bytes);
                kept.add(listOf(bytes));
                break;
            }
            kept.add(arguments[i]);
        }
        return new HeardMessage(method, kept);
    }

    static List<Byte> listOf(final byte[] bytes) {
        final List<Byte> list = new ArrayList<>(bytes.length);
        for (final byte one : bytes) {
            list.add(one);
        }
        return list;
    }

    /** Encodes it again; what follows the block is {@link #body}. */
    int encode(final QuorumMessageWriter writer) {
        return switch (method) {
            case "onCreateLog" -> writer.createLog(number(1), (LogSpec) arguments.get(2));
            case "onDescribeLog" -> writer.describeLog(number(1), number(2));
            case "onDeleteLog" -> writer.deleteLog(number(1), number(2), number(3));
            case "onLogDescription" -> writer.logDescription(number(1), (LogDescription) arguments.get(2));
            case "onRefused" ->
                writer.refused(number(1), number(2), (Refusal) arguments.get(3), (String) arguments.get(4));
            case "onVoteRequest" ->
                writer.voteRequest(number(1), number(2), number(3), number(4), (Membership) arguments.get(5));
            case "onVote" -> writer.vote(number(1), number(2), (Vote) arguments.get(3));
            case "onTermStart" ->
                writer.termStart(
                        number(1), number(2), number(3), (TermHistory) arguments.get(4), number(5), (Membership)
                                arguments.get(6));
            case "onTermAccepted" -> writer.termAccepted(number(1), number(2), number(3), number(4));
            case "onAppend" -> writer.append(number(1), number(2), number(3), number(4), number(5), number(6));
            case "onAppended" -> writer.appended(number(1), number(2), number(3), number(4), number(5), number(6));
            case "onFetch" -> writer.fetch(number(1), number(2), number(3), number(4), number(5));
            case "onFetched" -> writer.fetched(number(1), number(2), number(3), number(4));
            case "onTrimmed" -> writer.trimmed(number(1), number(2), number(3), number(4));
            case "onSubscribe" -> writer.subscribe(number(1), number(2), number(3), (int) arguments.get(4));
            case "onWalChunk" -> writer.walChunk(number(1), number(2), number(3), number(4));
            case "onConsumed" -> writer.consumed(number(1), number(2), number(3), number(4));
            case "onUnsubscribe" -> writer.unsubscribe(number(1), number(2));
            default -> throw new AssertionError(method);
        };
    }

    /** The WAL that it carries; empty for all messages that carry none. */
    @SuppressWarnings("unchecked")
    List<Byte> body() {
        return arguments.getLast() instanceof final List<?> bytes ? (List<Byte>) bytes : List.of();
    }

    private long number(final int at) {
        return (long) arguments.get(at);
    }
}
