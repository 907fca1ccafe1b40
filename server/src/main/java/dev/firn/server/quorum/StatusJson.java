package dev.firn.server.quorum;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.transport.aeron.EndpointCounter;
import dev.firn.transport.aeron.EndpointCounters;
import dev.firn.transport.counter.CounterName;
import dev.firn.transport.counter.CounterReading;
import dev.firn.transport.counter.CounterSet;
import java.util.Locale;

/** How a role's documents are written. */
public final class StatusJson {
    private StatusJson() {}

    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** As Postgres prints it; null when there is none yet. */
    public static String lsn(final long lsn) {
        return lsn <= 0 ? null : Lsn.format(lsn);
    }

    static ObjectNode transport(final EndpointCounters counters) {
        final ObjectNode node = object();
        for (final EndpointCounter counter : EndpointCounter.values()) {
            node.put(camelCase(counter.name()), counters.get(counter));
        }
        return node;
    }

    /** All of a set, by their names. */
    public static <C extends Enum<C> & CounterName> ObjectNode counters(final CounterSet<C> counters) {
        final ObjectNode node = object();
        for (final CounterReading reading : counters.readings()) {
            node.put(camelCase(reading.name()), reading.value());
        }
        return node;
    }

    /** SENT_BYTES as JSON keys are written: {@code sentBytes}. */
    private static String camelCase(final String constant) {
        final StringBuilder name = new StringBuilder();
        for (final String word : constant.toLowerCase(Locale.ROOT).split("_", -1)) {
            name.append(name.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        }
        return name.toString();
    }
}
