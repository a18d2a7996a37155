"""What module metadata says. The bindings of libdnf5 have no modules: this asks the library that libdnf5 reads with."""

import ctypes

# The version of the format of streams that names what they need.
_WITH_DEPENDENCIES = 2
_LIBRARY = "libmodulemd.so.2"


class _Array(ctypes.Structure):
    _fields_ = [("pointers", ctypes.POINTER(ctypes.c_void_p)), ("length", ctypes.c_uint)]


class Stream:
    """One stream of a module, in one version and context.

    `artifacts` are NEVRAs with every epoch, `requires` the names of the modules that it needs.
    """

    def __init__(self, module, name, artifacts, requires):
        self.module = module
        self.name = name
        self.artifacts = artifacts
        self.requires = requires


def read(texts):
    """Return (streams, default streams by module) of some files of module metadata, in bytes.

    Raises OSError: the library is missing.
    """
    library = _Library()
    index = library.index()
    for text in texts:
        library.add(index, text)
    return library.streams(index), library.defaults(index)


class _Library:
    def __init__(self):
        self._library = ctypes.CDLL(_LIBRARY)
        self._glib = ctypes.CDLL("libglib-2.0.so.0")
        text, pointer = ctypes.c_char_p, ctypes.c_void_p
        texts = ctypes.POINTER(text)
        self._new = self._of("modulemd_module_index_new", pointer)
        self._update = self._of(
            "modulemd_module_index_update_from_string", ctypes.c_int, pointer, text, ctypes.c_int, pointer, pointer
        )
        self._names = self._of("modulemd_module_index_get_module_names_as_strv", texts, pointer)
        self._module = self._of("modulemd_module_index_get_module", pointer, pointer, text)
        self._all_streams = self._of("modulemd_module_get_all_streams", ctypes.POINTER(_Array), pointer)
        self._stream_name = self._of("modulemd_module_stream_get_stream_name", text, pointer)
        self._version = self._of("modulemd_module_stream_get_mdversion", ctypes.c_uint64, pointer)
        self._artifacts = {
            number: self._of("modulemd_module_stream_v%d_get_rpm_artifacts_as_strv" % number, texts, pointer)
            for number in (1, 2)
        }
        self._dependencies = self._of("modulemd_module_stream_v2_get_dependencies", ctypes.POINTER(_Array), pointer)
        self._required = self._of("modulemd_dependencies_get_runtime_modules_as_strv", texts, pointer)
        self._defaults = self._of("modulemd_module_index_get_default_streams_as_hash_table", pointer, pointer, text)
        self._lookup = self._glib.g_hash_table_lookup
        self._lookup.restype, self._lookup.argtypes = text, [pointer, text]

    def _of(self, name, result, *arguments):
        found = getattr(self._library, name)
        found.restype, found.argtypes = result, list(arguments)
        return found

    def index(self):
        return self._new()

    def add(self, index, text):
        failures, error = ctypes.c_void_p(), ctypes.c_void_p()
        # What is wrong with it libdnf5 has told when it loaded the same.
        self._update(index, text, 0, ctypes.byref(failures), ctypes.byref(error))

    def streams(self, index):
        found = []
        for name in _texts(self._names(index)):
            array = self._all_streams(self._module(index, name.encode("utf-8"))).contents
            for number in range(array.length):
                stream = array.pointers[number]
                stream_name = self._stream_name(stream)
                artifacts = self._artifacts.get(self._version(stream))
                if stream_name is not None:
                    nevras = _texts(artifacts(stream)) if artifacts else []
                    found.append(Stream(name, stream_name.decode("utf-8"), nevras, self._requires(stream)))
        return found

    def _requires(self, stream):
        # The first version of the format has no such list.
        array = self._dependencies(stream) if self._version(stream) == _WITH_DEPENDENCIES else None
        found = set()
        for number in range(array.contents.length if array else 0):
            found.update(_texts(self._required(array.contents.pointers[number])))
        return found

    def defaults(self, index):
        table = self._defaults(index, None)
        found = {}
        for name in _texts(self._names(index)):
            value = self._lookup(table, name.encode("utf-8"))
            if value:
                found[name] = value.decode("utf-8")
        return found


def _texts(array):
    found = []
    while array and array[len(found)] is not None:
        found.append(array[len(found)].decode("utf-8", "surrogateescape"))
    return found
