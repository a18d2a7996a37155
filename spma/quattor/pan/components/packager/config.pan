@{
    Let components depend on "packager", whichever component changes packages.

    Include this last: what is said of the component "spma" until then holds for the packager, and in every list of
    dependencies both "packager" and "spma" become the name of the component that does the job. Where a path of a
    component is final, the compilation ends with an error.

    PACKAGER_MODULE     the module that changes packages: yumbridge, or spma for the one of Quattor
    PACKAGER_COMPONENT  the name of the component: packager; or spma where something outside of the profile asks for
                        that, as AII does at the end of an installation (ncm-ncd --configure spma)
}
unique template components/packager/config;

include 'components/packager/schema';

variable PACKAGER_MODULE ?= 'yumbridge';
variable PACKAGER_COMPONENT ?= 'packager';

include format('components/packager/named/%s', PACKAGER_COMPONENT);

'/software/components' = {
    foreach (name; component; SELF) {
        foreach (idx; when; list('pre', 'post')) {
            if (is_defined(component['dependencies'][when])) {
                SELF[name]['dependencies'][when] =
                    packager_dependencies(component['dependencies'][when], PACKAGER_COMPONENT);
            };
        };
    };
    SELF;
};
