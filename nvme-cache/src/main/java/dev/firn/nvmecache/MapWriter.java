package dev.firn.nvmecache;
final class MapWriter { static final int PAGES_IN_FLIGHT = 32; private MapWriter() {} }
