package dev.firn.server.pages;

import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A page taken apart, for a person or as JSON: header, line pointers, and the headers of a heap's tuples. */
public final class PageText {
    private final PageFlyweight page = new PageFlyweight();
    private final HeapTupleFlyweight tuple = new HeapTupleFlyweight();
    private final boolean heap;

    /** @param heap whether its items are tuples of a heap. */
    public PageText(final byte[] bytes, final boolean heap) {
        if (bytes.length != PageLayout.PAGE_BYTES) {
            throw new IllegalArgumentException("a page of " + bytes.length + " bytes");
        }
        page.wrap(MemorySegment.ofArray(bytes), 0);
        this.heap = heap;
    }

    /** The header's fields, by Postgres' names. */
    public Map<String, Object> header() {
        final Map<String, Object> header = new LinkedHashMap<>();
        header.put("lsn", Lsn.format(page.lsn()));
        header.put("checksum", page.checksum());
        header.put("flags", page.flags());
        header.put("lower", page.lower());
        header.put("upper", page.upper());
        header.put("special", page.special());
        header.put("pageSize", page.sizeBytes());
        header.put("version", page.layoutVersion());
        header.put("pruneXid", Integer.toUnsignedLong(page.pruneXid()));
        return header;
    }

    public boolean isNew() {
        return page.isNew();
    }

    /** The line pointers, in their order; with what their tuples' headers say. */
    public List<Map<String, Object>> items() {
        final List<Map<String, Object>> items = new ArrayList<>();
        for (int number = 1; number <= page.linePointerCount(); number++) {
            items.add(item(number));
        }
        return items;
    }

    private Map<String, Object> item(final int number) {
        final int pointer = page.linePointer(number);
        final Map<String, Object> item = new LinkedHashMap<>();
        item.put("number", number);
        item.put("state", state(LinePointer.state(pointer)));
        item.put("offset", LinePointer.offset(pointer));
        item.put("length", LinePointer.length(pointer));
        if (heap && LinePointer.state(pointer) == LinePointer.NORMAL) {
            tuple.wrap(page, number);
            item.put("xmin", Integer.toUnsignedLong(tuple.rawXmin()));
            item.put("xmax", Integer.toUnsignedLong(tuple.xmax()));
            item.put("ctid", "(" + Integer.toUnsignedString(tuple.ctidBlock()) + "," + tuple.ctidOffsetNumber() + ")");
            item.put("infomask", tuple.infomask());
            item.put("infomask2", tuple.infomask2());
            item.put("attributes", tuple.attributeCount());
        }
        return item;
    }

    private static String state(final int state) {
        return switch (state) {
            case LinePointer.UNUSED -> "unused";
            case LinePointer.NORMAL -> "normal";
            case LinePointer.REDIRECT -> "redirect";
            default -> "dead";
        };
    }
}
