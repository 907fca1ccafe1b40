package dev.firn.server.up;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.server.CommandException;
import dev.firn.server.endpoint.Control;
import dev.firn.walquorum.catalog.TimelineKeys;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code firn attach} and {@code firn detach} ask of a system: {@code POST /attachments} and
 * {@code POST /attachments/NAME/detach}. Both answer when what was asked for is remembered, not when it is done: how far it is, the
 * status tells.
 */
final class AttachmentControl implements Control {
    private static final int ACCEPTED = 202;
    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int MAX_CONNINFO_LENGTH = 8_192;
    private static final Pattern DETACH = Pattern.compile("/attachments/([^/]+)/detach");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Supplier<LocalQuorum> quorum;

    AttachmentControl(final Supplier<LocalQuorum> quorum) {
        this.quorum = quorum;
    }

    @Override
    public Answer post(final String path, final String body) {
        final Matcher detach = DETACH.matcher(path);
        try {
            final JsonNode request = MAPPER.readTree(body);
            if (path.equals("/attachments")) {
                return attach(
                        request.path("name").asText(), request.path("conninfo").asText());
            }
            if (detach.matches()) {
                quorum.get().detach(detach.group(1), request.path("purge").asBoolean());
                return answer(ACCEPTED, "name", detach.group(1));
            }
            return answer(NOT_FOUND, "error", "there is no " + path);
        } catch (final JacksonException e) {
            return answer(BAD_REQUEST, "error", "the request is no JSON");
        } catch (final CommandException e) {
            return answer(CONFLICT, "error", e.getMessage());
        }
    }

    private Answer attach(final String name, final String conninfo) {
        if (!TimelineKeys.isName(name) || conninfo.isBlank() || conninfo.length() > MAX_CONNINFO_LENGTH) {
            return answer(BAD_REQUEST, "error", "a name or a connection string is missing, or none");
        }
        quorum.get().attach(name, conninfo);
        return answer(ACCEPTED, "name", name);
    }

    private static Answer answer(final int code, final String key, final String value) {
        final ObjectNode document = MAPPER.createObjectNode();
        document.put(key, value);
        return new Answer(code, document.toPrettyString() + "\n");
    }
}
