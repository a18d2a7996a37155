declaration template components/packager/schema;

include 'quattor/types/component';

@{
    The component alias "packager". With the module spma it has the options of that as well.
}
type component_packager = extensible {
    include structure_component
};

@{
    Returns a list of dependencies in which "packager" and "spma" are the real name of the packager.
    First argument: the list. Second argument: that name.
}
function packager_dependencies = {
    if (ARGC != 2 || !is_list(ARGV[0]) || !is_string(ARGV[1])) {
        error('packager_dependencies: want a list and a name');
    };
    names = list();
    foreach (idx; name; ARGV[0]) {
        if (name == 'packager' || name == 'spma') {
            names[length(names)] = ARGV[1];
        } else {
            names[length(names)] = name;
        };
    };
    names;
};
