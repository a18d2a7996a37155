@{
    The component that changes packages is called "packager".

    The component "spma" is switched off and stays in the profile: the module yumbridge reads its options there. The
    module spma reads those of the component that it runs for, which therefore is a copy.
}
unique template components/packager/named/packager;

bind '/software/components/packager' = component_packager;

'/software/components/packager' ?= {
    if (PACKAGER_MODULE == 'spma') {
        value('/software/components/spma');
    } else {
        dict();
    };
};

'/software/components/packager/dependencies' ?= {
    if (path_exists('/software/components/spma/dependencies')) {
        value('/software/components/spma/dependencies');
    } else {
        dict();
    };
};

'/software/components' = {
    if (is_defined(SELF['spma'])) {
        SELF['spma']['active'] = false;
    };
    SELF;
};

prefix '/software/components/packager';
'active' = true;
'dispatch' ?= true;
'ncm-module' = PACKAGER_MODULE;
'register_change' ?= {
    paths = list();
    candidates = list(
        '/software/groups',
        '/software/modules',
        '/software/packages',
        '/software/repositories',
        '/software/components/spma',
        '/software/components/yumbridge',
    );
    foreach (idx; candidate; candidates) {
        if (path_exists(candidate)) {
            paths[length(paths)] = candidate;
        };
    };
    paths;
};
