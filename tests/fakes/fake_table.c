/*
 * The objects on the bus: their interfaces and properties, and the signals that tell of them.
 */
#include "tests/fakes/fake_bluez.h"

#include <stdlib.h>
#include <string.h>

static struct object *object_find(const struct table *table, const char *path)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->objects[i]->path, path) == 0) {
            return table->objects[i];
        }
    }
    return NULL;
}

bool table_has(const struct table *table, const char *path)
{
    return object_find(table, path) != NULL;
}

struct interface *table_find(const struct table *table, const char *path, const char *interface)
{
    struct object *object = object_find(table, path);
    for (size_t i = 0; object && i < object->count; i++) {
        if (strcmp(object->interfaces[i]->name, interface) == 0) {
            return object->interfaces[i];
        }
    }
    return NULL;
}

struct interface *table_add(struct table *table, const char *path, const char *name, bool *made)
{
    struct interface *interface = table_find(table, path, name);
    *made = !interface;
    if (interface) {
        return interface;
    }
    struct object *object = object_find(table, path);
    if (!object) {
        object = xcalloc(sizeof(*object));
        object->path = copied(path);
        table->objects = xrealloc_array(table->objects, table->count + 1, sizeof(struct object *));
        table->objects[table->count++] = object;
    }
    interface = xcalloc(sizeof(*interface));
    interface->name = copied(name);
    object->interfaces =
        xrealloc_array(object->interfaces, object->count + 1, sizeof(struct interface *));
    object->interfaces[object->count++] = interface;
    return interface;
}

/* ---- properties --------------------------------------------------------------------------------
 */

const struct property *interface_get(const struct interface *interface, const char *name)
{
    for (size_t i = 0; interface && i < interface->count; i++) {
        if (strcmp(interface->properties[i].name, name) == 0) {
            return &interface->properties[i];
        }
    }
    return NULL;
}

static void forget_invalidated(struct interface *interface, const char *name)
{
    for (size_t i = 0; i < interface->invalidated_count; i++) {
        if (strcmp(interface->invalidated[i], name) == 0) {
            free(interface->invalidated[i]);
            interface->invalidated[i] = interface->invalidated[--interface->invalidated_count];
        }
    }
}

void interface_set(struct interface *interface, const char *name, const char *type,
                   struct bytes value)
{
    struct property *property = (struct property *)interface_get(interface, name);
    if (!property) {
        interface->properties =
            xrealloc_array(interface->properties, interface->count + 1, sizeof(struct property));
        property = &interface->properties[interface->count++];
        *property = (struct property){.name = copied(name)};
        forget_invalidated(interface, name);
    }
    char *data = xcalloc(value.length + 1);
    memcpy(data, value.data, value.length);
    char *type_copy = copied(type);
    free(property->type);
    free(property->value.data);
    property->type = type_copy;
    property->value = (struct bytes){.data = data, .length = value.length};
    property->changed = true;
}

bool interface_is(const struct interface *interface, const char *name, const char *value)
{
    const struct property *property = interface_get(interface, name);
    return property && strcmp(property->value.data, value) == 0;
}

void interface_turn(struct interface *interface, const char *name, const char *value)
{
    const struct property *property = interface_get(interface, name);
    if (property && strcmp(property->value.data, value) != 0) {
        interface_set(interface, name, property->type, bytes_of(value));
    }
}

static void property_free(struct property *property)
{
    free(property->name);
    free(property->type);
    free(property->value.data);
}

void interface_invalidate(struct interface *interface, const char *name)
{
    struct property *property = (struct property *)interface_get(interface, name);
    if (!property) {
        return;
    }
    interface->invalidated =
        xrealloc_array(interface->invalidated, interface->invalidated_count + 1, sizeof(char *));
    interface->invalidated[interface->invalidated_count++] = copied(name);
    property_free(property);
    *property = interface->properties[--interface->count];
}

/* ---- messages ----------------------------------------------------------------------------------
 */

static void append_properties(const struct interface *interface, sd_bus_message *message,
                              bool only_changed)
{
    sure(sd_bus_message_open_container(message, 'a', "{sv}"));
    for (size_t i = 0; i < interface->count; i++) {
        const struct property *property = &interface->properties[i];
        if (only_changed && !property->changed) {
            continue;
        }
        sure(sd_bus_message_open_container(message, 'e', "sv"));
        sure(sd_bus_message_append(message, "s", property->name));
        value_append_variant(message, property->type, property->value);
        sure(sd_bus_message_close_container(message));
    }
    sure(sd_bus_message_close_container(message));
}

void interface_append(const struct interface *interface, sd_bus_message *message)
{
    append_properties(interface, message, false);
}

/* a{sa{sv}}, with the two interfaces that every object of bluetoothd has. */
static void append_interfaces(const struct object *object, sd_bus_message *message, bool only_new)
{
    bool whole = true;
    for (size_t i = 0; i < object->count; i++) {
        whole = whole && !(only_new && object->interfaces[i]->announced);
    }
    sure(sd_bus_message_open_container(message, 'a', "{sa{sv}}"));
    if (whole) {
        sure(sd_bus_message_append(message, "{sa{sv}}", DBUS ".Introspectable", 0));
    }
    for (size_t i = 0; i < object->count; i++) {
        const struct interface *interface = object->interfaces[i];
        if (only_new && interface->announced) {
            continue;
        }
        sure(sd_bus_message_open_container(message, 'e', "sa{sv}"));
        sure(sd_bus_message_append(message, "s", interface->name));
        append_properties(interface, message, false);
        sure(sd_bus_message_close_container(message));
    }
    if (whole) {
        sure(sd_bus_message_append(message, "{sa{sv}}", DBUS ".Properties", 0));
    }
    sure(sd_bus_message_close_container(message));
}

void table_append(const struct table *table, sd_bus_message *message)
{
    sure(sd_bus_message_open_container(message, 'a', "{oa{sa{sv}}}"));
    for (size_t i = 0; i < table->count; i++) {
        sure(sd_bus_message_open_container(message, 'e', "oa{sa{sv}}"));
        sure(sd_bus_message_append(message, "o", table->objects[i]->path));
        append_interfaces(table->objects[i], message, false);
        sure(sd_bus_message_close_container(message));
    }
    sure(sd_bus_message_close_container(message));
}

static sd_bus_message *signal_new(sd_bus *bus, const char *path, const char *interface,
                                  const char *member)
{
    sd_bus_message *message;
    sure(sd_bus_message_new_signal(bus, &message, path, interface, member));
    return message;
}

/* A bus that went away is noticed when it is read from. */
static void signal_send(sd_bus *bus, sd_bus_message *message)
{
    sd_bus_send(bus, message, NULL);
    sd_bus_message_unref(message);
}

static bool has_news(const struct interface *interface)
{
    for (size_t i = 0; i < interface->count; i++) {
        if (interface->properties[i].changed) {
            return true;
        }
    }
    return interface->invalidated_count > 0;
}

static void tell_changes(sd_bus *bus, const char *path, const struct interface *interface)
{
    sd_bus_message *message = signal_new(bus, path, DBUS ".Properties", "PropertiesChanged");
    sure(sd_bus_message_append(message, "s", interface->name));
    append_properties(interface, message, true);
    sure(sd_bus_message_open_container(message, 'a', "s"));
    for (size_t i = 0; i < interface->invalidated_count; i++) {
        sure(sd_bus_message_append(message, "s", interface->invalidated[i]));
    }
    sure(sd_bus_message_close_container(message));
    signal_send(bus, message);
}

static void settle(struct interface *interface)
{
    for (size_t i = 0; i < interface->count; i++) {
        interface->properties[i].changed = false;
    }
    while (interface->invalidated_count > 0) {
        free(interface->invalidated[--interface->invalidated_count]);
    }
    interface->announced = true;
}

static void object_flush(struct object *object, sd_bus *bus)
{
    bool is_new = false;
    for (size_t i = 0; i < object->count; i++) {
        is_new = is_new || !object->interfaces[i]->announced;
    }
    if (bus && is_new) {
        sd_bus_message *message = signal_new(bus, "/", DBUS ".ObjectManager", "InterfacesAdded");
        sure(sd_bus_message_append(message, "o", object->path));
        append_interfaces(object, message, true);
        signal_send(bus, message);
    }
    for (size_t i = 0; i < object->count; i++) {
        struct interface *interface = object->interfaces[i];
        if (bus && interface->announced && has_news(interface)) {
            tell_changes(bus, object->path, interface);
        }
        settle(interface);
    }
}

void table_flush(struct table *table, sd_bus *bus)
{
    for (size_t i = 0; i < table->count; i++) {
        object_flush(table->objects[i], bus);
    }
}

void table_announce_all(struct table *table, sd_bus *bus)
{
    for (size_t i = 0; i < table->count; i++) {
        for (size_t j = 0; j < table->objects[i]->count; j++) {
            table->objects[i]->interfaces[j]->announced = false;
        }
    }
    table_flush(table, bus);
}

/* ---- removing ----------------------------------------------------------------------------------
 */

static void interface_free(struct interface *interface)
{
    settle(interface);
    free(interface->invalidated);
    for (size_t i = 0; i < interface->count; i++) {
        property_free(&interface->properties[i]);
    }
    free(interface->properties);
    free(interface->name);
    free(interface);
}

static void object_free(struct object *object)
{
    for (size_t i = 0; i < object->count; i++) {
        interface_free(object->interfaces[i]);
    }
    free(object->interfaces);
    free(object->path);
    free(object);
}

/* All interfaces of the object, or one. */
static void tell_removed(sd_bus *bus, const struct object *object, const char *only)
{
    sd_bus_message *message = signal_new(bus, "/", DBUS ".ObjectManager", "InterfacesRemoved");
    sure(sd_bus_message_append(message, "o", object->path));
    sure(sd_bus_message_open_container(message, 'a', "s"));
    if (!only) {
        sure(sd_bus_message_append(message, "s", DBUS ".Properties"));
        sure(sd_bus_message_append(message, "s", DBUS ".Introspectable"));
    }
    for (size_t i = 0; i < object->count; i++) {
        if (!only || strcmp(object->interfaces[i]->name, only) == 0) {
            sure(sd_bus_message_append(message, "s", object->interfaces[i]->name));
        }
    }
    sure(sd_bus_message_close_container(message));
    signal_send(bus, message);
}

static void remove_interface(struct table *table, sd_bus *bus, const char *path, const char *name)
{
    struct object *object = object_find(table, path);
    for (size_t i = 0; object && i < object->count; i++) {
        if (strcmp(object->interfaces[i]->name, name) == 0) {
            if (object->count == 1) {
                table_remove(table, bus, path, NULL);
                return;
            }
            object_flush(object, bus);
            if (bus) {
                tell_removed(bus, object, name);
            }
            interface_free(object->interfaces[i]);
            object->interfaces[i] = object->interfaces[--object->count];
            return;
        }
    }
}

/* The object with the longest path at or below `path`: children go before their parents. */
static size_t deepest(const struct table *table, const char *path)
{
    size_t found = table->count;
    size_t length = strlen(path);
    for (size_t i = 0; i < table->count; i++) {
        const char *other = table->objects[i]->path;
        if (strncmp(other, path, length) == 0 && (other[length] == '\0' || other[length] == '/') &&
            (found == table->count || strlen(other) > strlen(table->objects[found]->path))) {
            found = i;
        }
    }
    return found;
}

void table_remove(struct table *table, sd_bus *bus, const char *path, const char *interface)
{
    if (interface) {
        remove_interface(table, bus, path, interface);
        return;
    }
    char *root = copied(path); /* the path may be the object's own */
    for (size_t i; (i = deepest(table, root)) < table->count;) {
        struct object *object = table->objects[i];
        object_flush(object, bus);
        if (bus) {
            tell_removed(bus, object, NULL);
        }
        /* The order of the others stays, for GetManagedObjects to be the same in every run. */
        memmove(&table->objects[i], &table->objects[i + 1],
                (table->count - i - 1) * sizeof(struct object *));
        table->count--;
        object_free(object);
    }
    free(root);
}

void table_free(struct table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        object_free(table->objects[i]);
    }
    free(table->objects);
    *table = (struct table){0};
}
