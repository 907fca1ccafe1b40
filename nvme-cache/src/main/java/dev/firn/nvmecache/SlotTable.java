package dev.firn.nvmecache;
final class SlotTable { static final int ENTRY_BYTES = 64; private SlotTable() {} }
